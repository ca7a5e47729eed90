import Foundation
import Testing

/// A script in `python/` and how to run it.
struct Story {
    /// A story that takes longer hangs, and is killed.
    private static let limit = "300s"
    /// Exit status of a script that could not try everything; its last line says why.
    private static let skipped: Int32 = 77

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    private let name: String

    init(_ name: String) {
        self.name = name
    }

    func tell() async throws {
        // A file, not a pipe: nobody has to read while the script runs.
        let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: log) }
        let status = try await run(into: try FileHandle(forWritingTo: log))
        let output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        if status == Self.skipped {
            let reason = output.split(separator: "\n").last.map(String.init) ?? "no reason given"
            try Test.cancel("\(reason)")
        }
        #expect(status == 0, "\(name).py:\n\(output)")
    }

    /// Waits without holding a thread: other tests go on meanwhile.
    ///
    /// - Returns: the exit status; the signal's number if it had to be killed.
    private func run(into output: FileHandle) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // Its servers die with it.
        process.arguments = [
            "timeout", "--signal=KILL", Self.limit, Self.python,
            Self.folder.appending(path: "python/\(name).py").path,
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["FLAGSERVER": Self.binary, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        (process.standardOutput, process.standardError) = (output, output)
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }

    /// The interpreter with httpx and aiohttp, if there is one.
    private static var python: String {
        if let chosen = ProcessInfo.processInfo.environment["FLAGSERVER_TEST_PYTHON"] {
            return chosen
        }
        let own = root.appending(path: ".build/venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }

    /// Built with the tests, and beside them.
    private static var binary: String {
        let beside = Bundle.main.bundleURL.appending(path: "flagserver").path
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : root.appending(path: ".build/debug/flagserver").path
    }
}
