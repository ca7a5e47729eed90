import Foundation
import Testing

/// A run of the program that was built beside the tests.
struct Program {
    let status: Int32
    let output: String
    let errors: String

    /// Runs it to its end.
    init(
        _ arguments: [String], in directory: String? = nil, environment: [String: String] = [:]
    ) throws {
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        let (output, errors) = (Foundation.Pipe(), Foundation.Pipe())
        process.executableURL = products.appendingPathComponent("flagserver")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        try process.run()
        self.output = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}
