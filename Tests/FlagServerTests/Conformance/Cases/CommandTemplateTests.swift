import Testing

@testable import flagserver

struct CommandTemplateTests {
    private func template(_ words: String...) -> CommandTemplate {
        CommandTemplate(words, folder: "/home/me") { ["get.py", "./get", "curl"].contains($0) }
    }

    @Test func `places are filled wherever they stand`() {
        let command = template("curl", "-o", "{out}", "--url={url}?x={url}", "plain")
        #expect(
            command.filled([.url: "http://a/", .out: "/tmp/o"])
                == ["curl", "-o", "/tmp/o", "--url=http://a/?x=http://a/", "plain"])
        #expect(command.hasURL && command.hasOut && !command.hasSecond)
    }

    @Test func `a second request needs both of its places`() {
        #expect(template("get", "{url}", "{out}", "{url2}", "{out2}").hasSecond)
        #expect(!template("get", "{url}", "{out}", "{url2}").hasSecond)
        #expect(template("get", "{url}", "{out}", "{url2}").hasAnySecond)
    }

    @Test func `files of the folder where it was typed are found from another one`() {
        #expect(
            template("python", "get.py", "{url}").filled([.url: "u"])
                == ["python", "/home/me/get.py", "u"])
        #expect(template("./get", "{url}").filled([:]).first == "/home/me/./get")
    }

    @Test func `a program without a slash is looked for in PATH`() {
        #expect(template("curl", "{url}").filled([:]).first == "curl")
    }

    @Test func `a client is called as its program, or its script`() {
        #expect(template("/usr/bin/curl", "{url}").name == "curl")
        #expect(template("python3", "get.py", "{url}").name == "get")
        #expect(
            template("python3", "get.py").versionCommand.words.suffix(2).first == "/home/me/get.py")
        #expect(template("curl", "-s", "{url}").versionCommand.words == ["curl", "--version"])
    }
}
