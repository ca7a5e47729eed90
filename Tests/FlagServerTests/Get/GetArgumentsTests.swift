import Testing

@testable import flagserver

struct GetArgumentsTests {
    @Test(arguments: [
        (["-a"], ["--all"]), (["-av"], ["--all", "--verbose"]), (["-m7"], ["--max_req=7"]),
        (["-m", "7"], ["--max_req=7"]), (["-m=7"], ["--max_req=7"]),
        (["-avl5"], ["--all", "--verbose", "--limit=5"]),
        (["-avl", "5", "BR"], ["--all", "--verbose", "--limit=5", "--", "BR"]),
        (["-m", "-1"], ["--max_req=-1"]), (["-m-1"], ["--max_req=-1"]),
        (["--max-req", "7"], ["--max_req=7"]), (["--max-concurrency=7"], ["--max_req=7"]),
        (["--lim", "5"], ["--limit=5"]), (["--lim=5"], ["--limit=5"]),
        (["--max", "9"], ["--max_req=9"]), (["--serv", "error"], ["--server=error"]),
        (["A", "-m", "2", "B", "-v"], ["--max_req=2", "--verbose", "--", "A", "B"]),
        (["--json", "-"], ["--json=-"]), (["-sERROR"], ["--server=ERROR"]),
        (["--base-url=http://a/?x=y"], ["--base-url=http://a/?x=y"]),
        (["-v", "--", "-m", "--all"], ["--verbose", "--", "-m", "--all"]),
        (["-5"], ["--", "-5"]), (["-"], ["--", "-"]),
        (["-h"], ["--help"]), (["--he"], ["--help"]), ([], []),
    ])
    func `What Python's parser takes is spelled as ours takes it`(
        typed: [String], parsable: [String]
    ) throws {
        #expect(try GetArguments.parsable(typed) == parsable)
    }

    @Test(arguments: [
        (["--re", "3"], "ambiguous option: --re could match --resume, --retries"),
        (["--ver"], "ambiguous option: --ver could match --version, --verbose, --verify"),
        (["--nmaes"], "unknown option '--nmaes'. Did you mean '--names'?"),
        (["--qqqqqqqq"], "unknown option '--qqqqqqqq'."),
        (["--=3"], "unknown option '--'."), (["-ax"], "unknown option '-x' in '-ax'"),
        (["-m"], "--max_req needs a value"), (["-m", "-v"], "--max_req needs a value"),
        (["--json="], "--json needs a value"), (["--dest", ""], "--dest needs a value"),
        (["-m="], "--max_req needs a value"), (["--limit", "--all"], "--limit needs a value"),
        (["--all=1"], "--all takes no value"),
        (["--x\u{1b}[2J"], "unknown option '--x [2J'."),
    ])
    func `What it does not take is refused in words`(typed: [String], reason: String) {
        let error = #expect(throws: GetUsageError.self) { try GetArguments.parsable(typed) }
        #expect(error?.reason == reason)
    }

    @Test func `Every option that can be typed is one that is parsed`() throws {
        let options = try GetOptions.parse(
            GetArguments.parsable([
                "-a", "-e", "-v", "--names", "--resume", "--verify", "-l1", "-m2", "-sDELAY",
                "--base-url=u", "--edition=2e", "--dest=d", "--retries=3", "--backoff=4",
                "--timeout=5", "--json=j", "--fail-on=none", "BR",
            ]))
        let trying = options.trying
        #expect(options.book.all && options.book.every && options.book.verbose && trying.resume)
        #expect(options.places.names && options.results.verify && options.codes == ["BR"])
        #expect(
            [
                options.book.limit, options.book.maximumRequests, options.site.server,
                options.site.baseURL,
                options.site.edition, options.places.dest, trying.retries, trying.backoff,
                options.site.timeout, options.results.json, options.results.failOn,
            ] == ["1", "2", "DELAY", "u", "2e", "d", "3", "4", "5", "j", "none"])
    }

    @Test(arguments: [
        [], ["-aev"], ["BR", "-l1", "us"], ["--", "b", "cd"], ["-m2", "-m3"],
        ["--names", "--resume"],
        ["-sDELAY", "--edition=2e", "--dest=d", "--retries=3", "--backoff=4", "--timeout=5"],
        ["--base-url=http://a/b", "--json=-", "--fail-on=error", "--verify", "-a", "-a"],
        ["--base-url", "http://a/=b=", "--dest", "a=b"],
    ])
    func `What is read without the parser is what it reads`(typed: [String]) throws {
        let words = try GetArguments.parsable(typed)
        let read = try #require(GetOptions.read(words))
        #expect(try plan(read) == plan(GetOptions.parse(words)))
    }

    private func plan(_ options: GetOptions) throws -> GetPlan {
        try GetPlan(options, countries: ["ad", "br", "zw"]) { _ in nil }
    }

    @Test func `Every option is read without the parser but those that are the parser's`() throws {
        for word in GetArguments.words {
            let name = word.names[0]
            let options = GetOptions.read([word.takesValue ? "--\(name)=1" : "--\(name)"])
            #expect((options == nil) == ["help", "version"].contains(name), "\(name)")
        }
    }

    @Test func `The last of several wins`() throws {
        #expect(try GetPlan(words: ["-m7", "-l2", "-m", "3"]).concurrency == .fixed(3))
    }
}
