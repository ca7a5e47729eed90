import Faults
import Testing

@testable import flagserver

@Suite struct ScriptCheckTests {
    private let folder = TemporaryDirectory()

    private func check(_ name: String, _ text: String) throws -> Program {
        try folder.write(name, text)
        return try Program(["check", name], in: folder.path)
    }

    @Test func `what is in order is told in a line`() throws {
        let one = try check("my.fault", "One.\nparam at 40% position\n\nhead\nbody ..$at\nfin\n")
        #expect(one.errors == "")
        #expect(one.output == "my.fault: ok, 1 parameter (at)\n")
        #expect(one.status == 0)
        let two = try check("two.fault", "Two.\n\nvariant a\n\nfin\n\nvariant b\n\nrst\n")
        #expect(two.output == "two.fault: ok, 2 variants\n")
    }

    @Test func `the first mistake is told with its place`() throws {
        let wrong = try check("my.fault", "One.\n\nhead\n  explode\n")
        #expect(wrong.status == 78)
        #expect(wrong.output == "")
        #expect(wrong.errors.hasPrefix("my.fault:4:3: error: "), "\(wrong.errors)")
    }

    @Test func `what is doubtful is a warning`() throws {
        let program = try check("my.fault", "One.\n\nhead\nbody ..40%\n")
        #expect(program.status == 0)
        #expect(program.output == "my.fault: ok\n")
        #expect(program.errors.hasPrefix("warning: my.fault:"), "\(program.errors)")
    }

    @Test func `a script is known by its steps, too`() throws {
        #expect(try check("script.txt", "One.\n\nhead\nbody\n").output == "script.txt: ok\n")
        let wrong = try check("notes", "One.\n\nhead\nbodi\n")
        #expect(wrong.errors.hasPrefix("notes:4:1: error: "), "\(wrong.errors)")
        #expect(try check("c.yaml", "seed: 1\n\n# head\n").output.contains("flag servers"))
    }

    @Test func `what is not there is missing input`() throws {
        #expect(try Program(["check", "no.fault"], in: folder.path).status == 66)
    }

    @Test func `every script of the program is in order`() throws {
        for type in FaultType.allCases {
            guard let script = type.script else { continue }
            #expect(try Script.read(script.text).contains { $0.variant == script.variant })
        }
    }

    @Test func `help tells how they are written`() throws {
        let program = try Program(["help", "scripts"])
        #expect(program.status == 0)
        #expect(program.output.hasPrefix(Script.manual))
        #expect(program.output.contains("flagserver check my.fault"))
    }
}
