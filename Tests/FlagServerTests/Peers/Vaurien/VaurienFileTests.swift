import Testing

@testable import flagserver

struct VaurienFileTests {
    private let directory = TemporaryDirectory()

    private func values(
        _ text: String, _ environment: [String: String] = [:], name: String = "vaurien.ini"
    ) throws -> [String: String] {
        let path = try directory.write("configuration/\(name)", text)
        return try VaurienFile(path: path) { environment[$0] }.values
    }

    @Test func `sections and keys`() throws {
        let text = """
            # a comment
            ; another
            [vaurien]
            backend = 0.0.0.0:6379
            proxy: 127.0.0.1:6380
            stay-connected = TRUE   ; inline
            Behavior=20:delay

            [behavior:delay]
            sleep = 2
            [protocol:http]
            overwrite_host_header = true
            [statsd]
            prefix = "a = b"
            host = 'stats'
            sample-rate =
            """
        #expect(
            try values(text) == [
                "vaurien.backend": "0.0.0.0:6379", "vaurien.proxy": "127.0.0.1:6380",
                "vaurien.stay_connected": "TRUE", "vaurien.behavior": "20:delay",
                "behavior.delay.sleep": "2", "protocol.http.overwrite_host_header": "true",
                "statsd.prefix": "a = b", "statsd.host": "stats", "statsd.sample_rate": "",
            ])
    }

    @Test func `a value of several lines has commas between them`() throws {
        let text = """
            [vaurien]
            behavior = 20:delay,
                50:error
              # a comment of Python's files stands at the start of a line, so this is a value
            proxy =
                a:1
            """
        let values = try values(text.replacing("  # a comment", with: "# a comment"))
        #expect(values == ["vaurien.behavior": "20:delay,50:error", "vaurien.proxy": "a:1"])
    }

    @Test func `variables of the environment`() throws {
        let text = "[vaurien]\nbackend = ${HOST}:${PORT}\nproxy = \"a${PORT}${\""
        #expect(
            try values(text, ["HOST": "db", "PORT": "80"])
                == ["vaurien.backend": "db:80", "vaurien.proxy": "a80${"])
        let error = refusal { try values(text, ["HOST": "db"]) }
        #expect(error?.status == .failure)
        #expect(
            error?.description == "\(directory.path)/configuration/vaurien.ini:2: the environment "
                + "has no variable 'PORT'.")
    }

    @Test func `DEFAULT is for every section of its file`() throws {
        let text = "[DEFAULT]\nport = 1\nhost = a\n[vaurien]\n[statsd]\nhost = b\n"
        #expect(
            try values(text) == [
                "vaurien.port": "1", "vaurien.host": "a", "statsd.port": "1", "statsd.host": "b",
            ])
    }

    @Test func `a file extends others, beside it, and wins`() throws {
        try directory.write("configuration/base.ini", "[vaurien]\nproxy = a:1\nbackend = b:1\n")
        try directory.write("configuration/more.ini", "[statsd]\nenabled = true\nport = 1\n")
        let text = """
            [DEFAULT]
            extends = base.ini
                more.ini
            [vaurien]
            proxy = own:1
            """
        #expect(
            try values(text) == [
                "vaurien.proxy": "own:1", "vaurien.backend": "b:1", "statsd.enabled": "true",
                "statsd.port": "1",
            ])
    }

    @Test func `a file that extends itself is refused`() {
        let error = refusal { try values("[DEFAULT]\nextends = vaurien.ini\n") }
        #expect(error?.description.hasSuffix(": more than 8 files extend each other.") == true)
    }

    @Test(arguments: [
        ("[vaurien]\nproxy\n", 2, "'proxy' is neither [section] nor key = value"),
        ("proxy = a:1\n", 1, "'proxy = a:1' stands before any [section]"),
        ("[vaurien]\n\n= 1\n", 3, "'= 1' has no key"),
    ])
    func `what cannot be read is named with its line`(text: String, line: Int, reason: String) {
        let error = refusal { try values(text) }
        #expect(error?.status == .failure)
        #expect(
            error?.description
                == "\(directory.path)/configuration/vaurien.ini:\(line): \(reason).")
    }

    @Test func `lines may end with CR LF, and an empty file says nothing`() throws {
        #expect(try values("[vaurien]\r\nproxy = a:1\r\n") == ["vaurien.proxy": "a:1"])
        #expect(try values("") == [:])
        #expect(try values("[vaurien]\n") == [:])
    }

    @Test func `a missing file ends the program with 1`() throws {
        let program = try Program(["vaurien", "--config", "/nonexistent/vaurien.ini"])
        #expect(program.status == 1)
        #expect(
            program.errors
                == "error: cannot read --config '/nonexistent/vaurien.ini': No such file or "
                + "directory.\n")
        let folder = refusal { try VaurienFile(path: "/") { _ in nil } }
        #expect(folder?.description == "cannot read --config '/': Is a directory.")
    }
}
