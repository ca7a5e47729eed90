import Foundation
import TestSupport
import Testing

@testable import flagserver

/// What people type who know other programs, and what they are told.
struct TypedWordsTests {
    private func error(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> (status: Int32, text: String) {
        let run = try Program(arguments, environment: environment)
        #expect(run.output.isEmpty)
        return (run.status, run.errors)
    }

    // MARK: Options

    @Test(arguments: [
        (["--errors", "25"], "--errors", "Did you mean '--error-rate'?"),
        (["--error", "1"], "--error", "Did you mean '--error-rate'?"),
        (["--erors=1"], "--erors", "Did you mean '--error-rate'?"),
        (["--host", "x"], "--host", "Did you mean '--bind'?"),
        (["--versoin"], "--versoin", "Did you mean '--version'?"),
        (["--latency", "1"], "--latency", "Did you mean '--delay'?"),
        (["--port", "8001"], "--port", "Did you mean '--ports'?"),
        (["-p", "8001"], "-p", "Did you mean '--ports'?"),
        (["-c", "x.yaml"], "-c", "Did you mean '--config'?"),
        (["-V"], "-V", "Did you mean '--version'?"),
        (["-f", "x"], "-f", "Did you mean '--fixtures'?"),
        (["--daemon"], "--daemon", "It runs in the foreground; use & or systemd."),
        (
            ["--log-level", "debug"], "--log-level",
            "Did you mean '-q' (only warnings and errors) or '-v' (more)?"
        ),
        (["--eror-rate", "0"], "--eror-rate", "Did you mean '--error-rate'?"),
    ])
    func `an option of other programs has its name here`(
        arguments: [String], word: String, hint: String
    ) throws {
        let (status, text) = try error(arguments)
        #expect(status == 64)
        #expect(
            text == "error: unknown option '\(word)'. \(hint) 'flagserver --help' lists all.\n")
    }

    @Test func `what is like nothing is only told of`() throws {
        #expect(
            try error(["serve", "--frobnicate"]).text
                == "error: unknown option '--frobnicate'. 'flagserver serve --help' lists all.\n")
    }

    @Test func `run and draw know the same words`() throws {
        #expect(
            try error(["run", "--errors", "2", "--", "ls"]).text
                == "error: unknown option '--errors'. Did you mean '--error-rate'? "
                + "'flagserver run --help' lists all; a command of that name stands behind two "
                + "dashes.\n")
        #expect(
            try error(["run", "--expct", "2", "--", "ls"]).text.contains(
                "Did you mean '--expect'?"))
        #expect(
            try error(["draw", "--port", "2", "x"]).text
                == "error: unknown option '--port'. Did you mean '--ports'? 'flagserver draw "
                + "--help' lists all.\n")
    }

    @Test func `every synonym leads to an option that there is`() {
        let names = Set((EnvironmentTwins.all + ["version"]).map { "--\($0)" })
        for (word, option) in Synonyms.options {
            #expect(names.contains(option.prefix { $0 != " " }.description), "\(word)")
            #expect(!names.contains(word), "\(word)")
        }
    }

    @Test func `a configuration knows them, too`() {
        #expect(
            refusal { try Settings(configured: "errors: 0.5") }?.reason
                == "unknown key 'errors'. Did you mean 'error-rate'?")
        #expect(
            refusal { try Settings(configured: "port: 0") }?.reason
                == "unknown key 'port'. Did you mean 'ports'?")
    }

    // MARK: Bare words

    @Test(arguments: [
        ("start", "Just 'flagserver' starts the servers."),
        ("stop", "Ctrl-C stops it, or 'kill' with its pid."),
        ("version", "Did you mean 'flagserver --version'?"),
        ("8001", "For ports write --ports 8001,8002,8003,8004,8005."),
        ("0", "For free ports write --ports 0."),
        ("65534", "For a port write --ports local=65534."),
    ])
    func `a word that is no subcommand is met with advice`(word: String, advice: String) throws {
        let (status, text) = try error([word])
        #expect(status == 64)
        #expect(text == "error: there is no subcommand '\(word)'. \(advice)\n")
    }

    @Test func `help about nothing is an error like the others`() throws {
        let (status, text) = try error(["help", "foo"])
        #expect(status == 64)
        #expect(text.hasPrefix("error: there is no subcommand 'foo' (serve, run, "))
        #expect(try Program(["help", "draw"]).status == 0)
    }

    // MARK: Values

    @Test func `a delay without its end is named`() throws {
        #expect(
            try error(["--delay", "1.."]).text
                == "error: --delay 1.. lacks the longest delay. Write 0.5..5 for a range.\n")
    }

    @Test(arguments: [
        ("9000:localhost:5432", "9000=localhost:5432"),
        ("127.0.0.1:9000:db:5432", "127.0.0.1:9000=db:5432"),
        ("9000:[::1]:5432", "9000=[::1]:5432"),
    ])
    func `a proxy with colons is written with an equals sign`(text: String, hint: String) throws {
        #expect(
            try error(["--proxy", text]).text
                == "error: --proxy \(text) is no listen address with a backend. Did you mean "
                + "\(hint)?\n")
    }

    @Test func `a status that is no error is warned of`() throws {
        #expect(
            try settings(["--error-status", "200"]).warnings == [
                "--error-status: 200 is no error, clients take it for what they asked for"
            ])
        #expect(
            try settings(["--error-status", "503,204=2,301"]).warnings == [
                "--error-status: 204 and 301 are no errors, clients take them for what they "
                    + "asked for"
            ])
        #expect(try settings(["--error-status", "503,200=0"]).warnings == [])
        #expect(try settings([]).warnings == [])
    }

    @Test func `a shell's command line needs a shell`() throws {
        let words = ["run", "--control", "off", "--", "echo hi && echo 'there'"]
        let (status, text) = try error(words)
        #expect(status == 127)
        #expect(
            text == "error: cannot run 'echo hi && echo 'there'': there is no program of that "
                + "name. For a shell's command line write -- sh -c 'echo hi && echo "
                + "'\\''there'\\'''\n")
    }

    // MARK: Variables

    @Test(arguments: [
        (
            "FLAGSERVER_ERROR_RATE", "25",
            "FLAGSERVER_ERROR_RATE 25 is not a probability. Write 0.25 or 25%."
        ),
        ("FLAGSERVER_SEED", "x", "FLAGSERVER_SEED 'x': write a whole number like 42."),
        (
            "FLAGSERVER_EDITION", "3e",
            "FLAGSERVER_EDITION '3e' is invalid. Please provide one of '1e' and '2e'."
        ),
        (
            "FLAGSERVER_PROTOCOL", "web",
            "FLAGSERVER_PROTOCOL: unknown protocol 'web' (tcp, http, redis, memcache, mysql, "
                + "smtp, postgres, charfinder)."
        ),
        (
            "FLAGSERVER_TOXIC", "error:nop",
            "FLAGSERVER_TOXIC: unknown toxic 'nop'. Did you mean 'noop'? 'flagserver toxics' "
                + "lists all."
        ),
        ("FLAGSERVER_CORS", "perhaps", "FLAGSERVER_CORS=perhaps is neither 1 nor 0."),
    ])
    func `a wrong variable is named`(name: String, value: String, message: String) throws {
        let (status, text) = try error(["draw", "error"], [name: value])
        #expect(status == 64)
        #expect(text == "error: \(message)\n")
    }

    @Test func `what is typed is not blamed on a variable`() throws {
        let text = try error(["--error-rate", "25"], ["FLAGSERVER_ERROR_RATE": "30"]).text
        #expect(text.hasPrefix("error: --error-rate 25 is not"))
    }

    @Test func `the twin of expect is named, too`() throws {
        let text = try error(["run", "--", "true"], ["FLAGSERVER_EXPECT": "requests"]).text
        #expect(text.hasPrefix("error: FLAGSERVER_EXPECT 'requests': "))
    }

    @Test func `a variable that is not known is warned of`() {
        let names = [
            "FLAGSERVER_EROR_RATE", "FLAGSERVER_TEST_X", "FLAGSERVER_SEED", "FLAGSERVER_EXPECT",
            "FLAGSERVER_LATENCY", "FLAGSERVER_ZZZZZZZZ", "FLAGS_X", "PATH",
        ]
        #expect(
            EnvironmentTwins.warnings(names) == [
                "FLAGSERVER_EROR_RATE is not known. Did you mean FLAGSERVER_ERROR_RATE?",
                "FLAGSERVER_LATENCY is not known. Did you mean FLAGSERVER_DELAY?",
                "FLAGSERVER_ZZZZZZZZ is not known.",
            ])
    }

    @Test func `run warns of it before its command`() throws {
        let run = try Program(
            ["run", "--control", "off", "--", "true"],
            environment: ["FLAGSERVER_EROR_RATE": "1"])
        #expect(run.status == 0)
        #expect(
            run.errors.hasPrefix(
                "warning: FLAGSERVER_EROR_RATE is not known. Did you mean "
                    + "FLAGSERVER_ERROR_RATE?\n"))
    }
}
