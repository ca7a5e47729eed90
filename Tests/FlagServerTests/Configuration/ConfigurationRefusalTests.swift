import Testing

@testable import flagserver

/// Mistakes in a configuration file, with the place and the words that each is told in.
@Suite struct ConfigurationRefusalTests {
    private func line(_ text: String) -> String? {
        let error = refusal { try Settings(configured: text) }
        #expect(error?.status == .configuration)
        return error?.line
    }

    @Test(arguments: [
        ("toxics: []", "1:1: error: unknown key 'toxics'. Did you mean 'toxic'?"),
        (
            "max-concurency: 1",
            "1:1: error: unknown key 'max-concurency'. Did you mean "
                + "'max-concurrency'?"
        ),
        ("error_rat: 1", "1:1: error: unknown key 'error_rat'. Did you mean 'error-rate'?"),
        ("config: a.yaml", "1:1: error: 'config' cannot stand in a configuration file."),
        ("help: true", "1:1: error: 'help' cannot stand in a configuration file."),
        (
            "<<: {seed: 1}",
            "1:1: error: '<<' merges nothing here. Repeat the keys, or give an alias "
                + "alone."
        ),
        ("seed: 1\nseed: 2", "2:1: error: 'seed' is given twice. Keep one of them."),
        (
            "error-rate: 1\nerror_rate: 1",
            "2:1: error: 'error_rate' is given twice. Keep one of "
                + "them."
        ),
        ("SEED: 1", "1:1: error: unknown key 'SEED'. Did you mean 'seed'?"),
        ("[1]: 2", "1:1: error: expected a key, found a list."),
        ("seed", "1:1: error: expected options like seed: 42, or a list of proxies, found 'seed'."),
        ("42", "1:1: error: expected options like seed: 42, or a list of proxies, found '42'."),
    ])
    func `a key that there is not`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("fixtures: NO", "1:11: error: expected text, found the Boolean NO. Quote it: \"NO\"."),
        (
            "ready-file: yes",
            "1:13: error: expected text, found the Boolean yes. Quote it: "
                + "\"yes\"."
        ),
        ("journal: On", "1:10: error: expected text, found the Boolean On. Quote it: \"On\"."),
        (
            "seed: ~",
            "1:7: error: expected text, found the null value ~. Give a value, or leave it out."
        ),
        (
            "journal: null",
            "1:10: error: expected text, found the null value null. Give a value, or leave it out."
        ),
        (
            "journal:\nseed: 1",
            "1:9: error: expected text, found nothing. Give a value, or leave it out."
        ),
        ("seed: [1]", "1:7: error: expected text, found a list."),
        ("delay: {a: 1}", "1:8: error: expected text, found a mapping."),
        ("quiet: maybe", "1:8: error: expected true or false, found 'maybe'."),
        ("quiet: \"true\"", "1:8: error: expected true or false, found 'true'."),
        ("cors: 1", "1:7: error: expected true or false, found '1'."),
        (
            "toxic: {type: noop}",
            "1:8: error: expected text as on the command line, found a mapping. Mappings belong "
                + "in proxies."
        ),
        (
            "allowed-host: [a.test, NO]",
            "1:24: error: expected text, found the Boolean NO. Quote "
                + "it: \"NO\"."
        ),
        ("proxies: 3", "1:10: error: expected a list, found '3'."),
        (
            "proxies:\n  name: db",
            "2:3: error: expected a list, found a mapping. Begin each of its elements with '- '."
        ),
        (
            String(repeating: "long ", count: 20),
            "1:1: error: expected options like seed: 42, or a list of proxies, found '"
                + String(repeating: "long ", count: 12) + "…'."
        ),
        (
            "proxies: [db]",
            "1:11: error: expected a proxy like {name: db, listen: 9000, upstream: "
                + "\"db:5432\"}, found 'db'."
        ),
    ])
    func `a value of another kind`(text: String, message: String) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("error-rate: 25", "1:13: error: error-rate 25 is not a probability. Write 0.25 or 25%."),
        ("delay: 500", "1:8: error: delay 500 would be 500 s (limit 60 s). Did you mean 500ms?"),
        (
            "seed: 1\nports: 8001",
            "2:8: error: ports 8001: there are five servers. Write "
                + "8001,8002,8003,8004,8005, or 0 for free ports, or off, or name those that "
                + "differ: local=9001,error=off."
        ),
        (
            "seed: -1",
            "1:7: error: seed '-1': write a whole number like 42."
        ),
        (
            "seed: yes",
            "1:7: error: seed 'yes': write a whole number like "
                + "42."
        ),
        ("control: true", "1:10: error: control true is no port (0 to 65535) or off."),
        ("delay: 1..", "1:8: error: delay 1.. lacks the longest delay. Write 0.5..5 for a range."),
        ("rate: 0", "1:7: error: rate 0 would let nobody in. Write 10, 10/s, 0.5 or 600/m."),
        ("max-concurrency: 0", "1:18: error: max-concurrency 0 would accept nobody."),
        (
            "over-limit: 500\nrate: 1",
            "1:13: error: over-limit 500: write 503, 429, queue or close. "
                + "Did you mean '503'?"
        ),
        (
            "behavior: 80:error,50:delay",
            "1:11: error: the behavior mix adds up to 130 % (error 80, "
                + "delay 50)."
        ),
        (
            "protocol: htp",
            "1:11: error: unknown protocol 'htp' (tcp, http, redis, memcache, mysql, "
                + "smtp, postgres, charfinder). Did you mean 'http'?"
        ),
        (
            "proxy: [9000=a:1, 9000=b:1]",
            "1:19: error: proxy 9000=b:1: there is a proxy 'proxy9000' "
                + "already. Write another name in front: name=…"
        ),
        ("journal: \"\"", "1:10: error: Missing value for '--journal <file|->'"),
        (
            "color: red\nseed: x",
            "1:8: error: color 'red' is invalid. Please provide one of 'auto', 'always' or 'never'."
        ),
        (
            "proxies: [{}]\nseed: x",
            "1:11: error: a proxy needs a name. Write name: db, or name: "
                + "error for that server."
        ),
        (
            "seed: x\nproxies: [{}]",
            "1:7: error: seed 'x': write a whole number like 42."
        ),
    ])
    func `a value that the command line would refuse too, the first of them`(
        text: String, message: String
    ) {
        #expect(line(text) == "c.yaml:" + message)
    }

    @Test func `a file that is no text`() throws {
        let folder = TemporaryDirectory()
        let path = try folder.write("c.yaml", Array("seed: 1\n".utf8) + [0xff, 0xfe])
        let error = refusal { try Configuration(path: path) }
        #expect(error?.status == .configuration)
        #expect(error?.line == "\(path):2:1: error: this is no UTF-8 text.")
    }
}
