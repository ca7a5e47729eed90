import Foundation
import Testing

/// `swift format lint --strict` with the checked-in configuration.
@Suite struct FormatTests {
    static var hasFormatter: Bool { run(["format", "--version"]).status == 0 }

    @Test(.enabled(if: hasFormatter, "this toolchain has no swift format"))
    func `the source is formatted as the configuration says`() {
        let result = Self.run(
            ["format", "lint", "--strict", "--recursive", "Package.swift", "Sources", "Tests"])
        #expect(result.status == 0, "\(result.output.prefix(4000))")
    }

    private static func run(_ arguments: [String]) -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift"] + arguments
        process.currentDirectoryURL = SourceFile.root
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return (-1, "") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
