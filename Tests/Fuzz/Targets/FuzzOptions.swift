@testable import ChaosProxy
@testable import Downloading
@testable import EventLoop
@testable import flagserver

/// Options of the command line whose grammar is our own, a line each.
enum FuzzOptions {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        for line in bytes.fuzzLines {
            let text = String(decoding: line, as: UTF8.self)
            try checkAddresses(text)
            try checkPorts(text)
            try checkLimits(text)
            _ = try taken { try ToxicWords(text) }
            let bind = try taken { try Bind(text, option: "--bind") } ?? .loopback
            guard let proxy = try taken({ try ProxyOption(text, bind: bind) }) else { continue }
            try hold(!proxy.name.isEmpty && proxy.backend.port > 0, "\(text) leads nowhere")
        }
    }

    private static func checkAddresses(_ text: String) throws {
        if let place = HostAndPort(text) {
            try hold(HostAndPort("\(place)") == place, "\(text) is shown as \(place)")
        }
        if let url = try taken({ try DownloadURL(text) }) {
            try hold(
                (try? DownloadURL("\(url)")) == url, "\(text) is shown as \(url), another one")
            _ = url.following(text)
        }
        if let url = try taken({ try ControlURL(text, from: "--url") }) {
            try hold(
                (try? ControlURL("\(url)", from: "--url")) == url,
                "\(text) is shown as \(url), another one")
        }
        _ = try taken { try ListenAddress(text) }
    }

    private static func checkPorts(_ text: String) throws {
        guard let ports = try taken({ try Ports(text, defaults: .firstEdition) }) else { return }
        let again = try taken { try Ports("\(ports)", defaults: .firstEdition) }
        try hold("\(again as Any)" == "\(ports as Ports? as Any)", "\(text) is shown as \(ports)")
    }

    private static func checkLimits(_ text: String) throws {
        if let count = try taken({ try RequestLimitOptions.count(text, option: "--n") }) {
            try hold((1...1_000_000).contains(count), "\(text) is a limit")
        }
        if let rate = try taken({ try RequestLimitOptions.rate(text, option: "--rate") }) {
            try hold(rate > 0 && rate <= 1e9, "\(text) is a rate")
        }
        _ = try taken { try RequestLimitOptions.overLimit(text, option: "--over-limit") }
    }
}
