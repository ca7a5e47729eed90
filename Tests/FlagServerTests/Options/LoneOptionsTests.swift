import Testing

@testable import flagserver

struct LoneOptionsTests {
    private func filled(_ words: String...) -> [String] { LoneOptions.filled(words) }

    @Test(arguments: ["--dns", "--charfinder"])
    func `alone an option is on, and a command may stand behind it`(_ option: String) {
        let on = "\(option)=on"
        #expect(filled(option) == [on])
        #expect(filled(option, "--seed", "1") == [on, "--seed", "1"])
        #expect(filled("run", option, "--", "env") == ["run", on, "--", "env"])
        #expect(filled("run", option, "pytest", "-q") == ["run", on, "pytest", "-q"])
        #expect(filled("draw", "dns", option, "-n", "1") == ["draw", "dns", on, "-n", "1"])
        for word in ["0", "on", "off"] {
            #expect(filled(option, word, "-q") == [option, word, "-q"])
        }
        // What is another program's, or another command's, stays.
        #expect(filled("run", "--", "x", option) == ["run", "--", "x", option])
        #expect(filled("vaurien", option) == ["vaurien", option])
        #expect(filled("\(option)=0") == ["\(option)=0"])
    }

    @Test func `each takes its own values, and what was meant as one`() {
        #expect(filled("--dns", "5353") == ["--dns", "5353"])
        for word in ["ON", "tcp=0,http=0", "tpc=1", "tcp", "http,tcp", "Edition=1"] {
            #expect(filled("--charfinder", word) == ["--charfinder", word])
        }
        #expect(filled("--charfinder", "--control=0") == ["--charfinder=on", "--control=0"])
        #expect(
            filled("run", "--charfinder", "--dns", "sh") == [
                "run", "--charfinder=on", "--dns=on", "sh",
            ])
    }

    @Test func `a command keeps its words`() {
        let typed = ["run", "--dns", "sh", "--charfinder"]
        let dashed = Run.dashed(LoneOptions.filled(typed), typed: typed)
        #expect(dashed == ["run", "--dns=on", "--", "sh", "--charfinder"])
    }
}
