import ControlAPI
import Downloading
import Testing

@testable import flagserver

struct GetJSONTests {
    @Test func `Each flag has a line with what became of it`() throws {
        let plan = try GetPlan(words: ["ad", "br", "xx", "yy", "zz"])
        let results = [
            DownloadResult(
                name: "AD", url: "http://h/ad/ad.gif", outcome: .ok, file: "downloaded/AD.gif",
                bytes: 512, attempts: 3, time: 1_234_567_890),
            DownloadResult(name: "XX", url: "http://h/xx/xx.gif", outcome: .notFound, time: 999),
            DownloadResult(
                name: "YY", url: "http://h/yy/yy.gif",
                outcome: .failed(.init(.status, status: 418, "HTTP error 418 - I'm a \"teapot\""))),
            DownloadResult(
                name: "ZZ", url: "u", outcome: .failed(.init(.truncated, "closed\n</script>")),
                bytes: 7),
        ]
        let text = GetJSON.text(plan, results, elapsed: 2_000_000_000, exit: 0)
        #expect(
            text == #"""
                {
                  "site": {"label":"LOCAL","url":"http://localhost:8001/flags"},
                  "connections": 5,
                  "results": [
                    {"name":"AD","url":"http://h/ad/ad.gif","outcome":"ok","status":null,\#
                "kind":null,"reason":null,"file":"downloaded/AD.gif",\#
                "bytes":512,"attempts":3,"time":1.234567},
                    {"name":"XX","url":"http://h/xx/xx.gif","outcome":"not-found","status":404,\#
                "kind":null,"reason":null,"file":null,"bytes":0,"attempts":1,"time":0},
                    {"name":"YY","url":"http://h/yy/yy.gif","outcome":"error","status":418,\#
                "kind":"status","reason":"HTTP error 418 - I'm a \"teapot\"",\#
                "file":null,"bytes":0,"attempts":1,"time":0},
                    {"name":"ZZ","url":"u","outcome":"error","status":null,"kind":"truncated",\#
                "reason":"closed\n\u003c/script\u003e","file":null,"bytes":7,"attempts":1,"time":0}
                  ],
                  "totals": {"requested":5,"ok":1,"not_found":1,"errors":2,\#
                "not_tried":1,"bytes":519,"attempts":6},
                  "elapsed": 2,
                  "exit": 0
                }

                """#)
        let bytes = Array(text.utf8)
        #expect(throws: Never.self) {
            try bytes.withUnsafeBytes { _ = try JSONReader.read($0, isWhole: true) }
        }
    }

    @Test func `A run of nothing is an object, too`() throws {
        let text = GetJSON.text(try GetPlan(words: ["br"]), [], elapsed: .max, exit: 130)
        #expect(text.contains("\n  \"results\": [],\n"))
        #expect(text.hasSuffix("\n  \"elapsed\": 18446744073.709553,\n  \"exit\": 130\n}\n"))
    }
}
