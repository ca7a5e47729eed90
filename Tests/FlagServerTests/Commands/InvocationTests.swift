import Testing

@testable import flagserver

struct InvocationTests {
    @Test(arguments: [
        (["flagserver", "-q"], ["-q"]), (["/usr/bin/flagserver"], []),
        (["vaurien", "--http"], ["vaurien", "--http"]),
        (["/bin/toxiproxy-cli", "list"], ["toxiproxy-cli", "list"]),
        (["/opt/bin/vaurien"], ["vaurien"]),
        (["./toxiproxy-server", "-port", "1"], ["toxiproxy", "-port", "1"]),
        (["toxiproxy", "draw"], ["draw"]), ([], []), (["vaurien/flagserver"], []),
    ])
    func `a peer's name stands for its subcommand`(words: [String], arguments: [String]) {
        #expect(Invocation.arguments(words) == arguments)
    }

    @Test func `peers tell their own version`() throws {
        #expect(try Program(["vaurien", "--version"]).output == "2.0\n")
        for option in ["-version", "--version", "-version=true"] {
            let program = try Program(["toxiproxy", option])
            #expect(program.status == 0)
            #expect(program.output == "toxiproxy-server version 2.12.0\n")
        }
        #expect(try Program(["--version"]).output == "\(Banner.version)\n")
    }

    @Test(arguments: [
        "draw", "conformance", "toxics", "vaurien", "toxiproxy", "completions",
    ])
    func `every subcommand has its help`(word: String) throws {
        for arguments in [["help", word], [word, "--help"]] {
            let program = try Program(arguments)
            #expect(program.status == 0)
            #expect(program.output.contains("\nUSAGE: flagserver \(word) "))
        }
        #expect(try Program(["--help"]).output.contains("\n  \(word) "))
    }

    @Test func `a word that is no subcommand is met with the nearest`() throws {
        let program = try Program(["vaurein"])
        #expect(program.status == 64)
        #expect(
            program.errors
                == "error: there is no subcommand 'vaurein' (serve, run, draw, "
                + "conformance, toxics, check, vaurien, toxiproxy, manual, completions, help, "
                + "get, sweep, bench, status, journal, reset, verify, list, inspect, create, "
                + "toggle, delete, toxic). "
                + "Did you mean 'vaurien'? "
                + "'flagserver --help' lists the options.\n")
    }
}
