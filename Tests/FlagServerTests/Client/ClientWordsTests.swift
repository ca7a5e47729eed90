import Testing

@testable import flagserver

struct ClientWordsTests {
    @Test(arguments: [
        ("list", "list"), ("toxic add -t noop a", "toxic add -t noop a"),
        ("t a -tox 0.5 -toxicName x a", "t a --toxicity 0.5 --toxicName x a"),
        (
            "toxic add --tox=1 -attribute a=1 -upstream a",
            "toxic add --toxicity=1 --attribute a=1 --upstream a"
        ),
        ("list --host a:1", "list --url a:1"), ("list -h", "list -h"),
        ("toxiproxy-cli -h a:1 list", "toxiproxy-cli list --url a:1"),
        ("toxiproxy-cli --host=a:1 ls", "toxiproxy-cli ls --url=a:1"),
        ("toxiproxy-cli ls -h a:1", "toxiproxy-cli ls --url a:1"),
        ("toxiproxy-cli -v", "toxiproxy-cli --version"), ("toxiproxy-cli", "toxiproxy-cli"),
        ("create -listen a:1 -u b:2 -n", "create --listen a:1 -u b:2 -n"),
    ])
    func `spellings of toxiproxy-cli are those of the parser`(typed: String, wanted: String) throws
    {
        let words = typed.split(separator: " ").map(String.init)
        #expect(ClientWords.areMeant(words))
        #expect(try ClientWords.parsable(words).joined(separator: " ") == wanted)
    }

    @Test(arguments: [
        (
            "toxic ad",
            "'flagserver toxic' has no 'ad' (add, update, remove). Did you mean 'add'? "
                + "'flagserver toxic --help' tells more."
        ),
        (
            "toxiproxy-cli inspekt a",
            "'toxiproxy-cli' has no 'inspekt' (list, inspect, create, toggle, delete, toxic). "
                + "Did you mean 'inspect'? 'toxiproxy-cli --help' tells more."
        ),
        (
            "toxiproxy-cli toxic delet a",
            "'toxiproxy-cli toxic' has no 'delet' (add, update, remove). Did you mean 'delete'? "
                + "'toxiproxy-cli toxic --help' tells more."
        ),
    ])
    func `a word that there is not is met with the nearest`(typed: String, reason: String) {
        let error = refusal {
            try ClientWords.parsable(typed.split(separator: " ").map(String.init))
        }
        #expect(error?.status == .usage)
        #expect(error?.reason == reason)
    }

    @Test(arguments: ["serve", "toxics", "draw", "toxiproxy", "-q", "stat"])
    func `other words are no client's`(word: String) {
        #expect(!ClientWords.areMeant([word]))
        #expect(ClientWords.manner([word]) == .flagserver)
    }

    @Test(arguments: [
        ["status"], ["journal"], ["reset"], ["verify"], ["list"], ["inspect"], ["create"],
        ["toggle"], ["delete"], ["toxic"], ["toxic", "add"], ["toxic", "update"],
        ["toxic", "remove"], ["toxiproxy-cli"], ["toxiproxy-cli", "toxic", "add"],
    ])
    func `every command has its help, with examples`(words: [String]) throws {
        let program = try Program(words + ["--help"])
        #expect(program.status == 0)
        #expect(program.output.contains("\nUSAGE: flagserver \(words.joined(separator: " ")) "))
        #expect(program.output.contains("\nEXAMPLE"))
        #expect(try Program(["help"] + words).output == program.output)
    }

    @Test func `nothing that answers is said plainly`() throws {
        let program = try Program(["status", "--url", "http://127.0.0.1:1"])
        #expect(program.status == 69)
        #expect(
            program.errors
                == "error: nothing answers at http://127.0.0.1:1. Is flagserver running? Its "
                + "control port is in its banner; name another with --url.\n")
        let peer = try Program(["toxiproxy-cli", "-h", "127.0.0.1:1", "list"])
        #expect(peer.status == 1)
        #expect(peer.errors.hasSuffix("name another with --host.\n"))
    }

    @Test func `what is missing is asked for`() throws {
        let program = try Program(["inspect", "--url", "http://127.0.0.1:1"])
        #expect(program.status == 64 || program.status == 69)
        let wrong = try Program(["list", "--url", "https://x"])
        #expect(wrong.status == 64)
        #expect(try Program(["toxiproxy-cli", "--nonsense"]).status == 1)
        #expect(
            try Program(["toxiproxy-cli", "--version"]).output
                == "toxiproxy-cli version \(ToxiproxyConfiguration.version)\n")
    }
}
