internal import CLibevent
import Glibc

/// A program that runs as our child, in a process group of its own. Belongs to the thread that has
/// made it.
///
/// The kernel kills it when we die, whatever of: it never runs on without us. SIGCHLD says that
/// `nextChange` has something to tell.
public final class ChildProcess {
    /// What is to run.
    public struct Program {
        /// The program's name first; each with its final zero byte.
        public let arguments: [[CChar]]
        /// `NAME=value`, each with its final zero byte.
        public let environment: [[CChar]]
        /// The terminal whose foreground it gets before it begins; nil: it gets none.
        public var terminal: Int32?
        /// Its soft limit of open descriptors; nil: ours.
        public var openFileLimit: Int?
        /// The largest file that it can write, in bytes; nil: as large as we can.
        public var fileSizeLimit: Int?
        /// Where it runs, with its final zero byte; nil: where we do.
        public var folder: [CChar]?
        /// What is /etc/resolv.conf to it and its children, with its final zero byte; nil: what is
        /// to us. Whether that can be `resolverProblem` says.
        public var resolver: [CChar]?
        /// What its standard input, output and error are; nil: ours. All above 2.
        public var streams: [Int32]?

        public init(arguments: [[CChar]], environment: [[CChar]]) {
            (self.arguments, self.environment) = (arguments, environment)
        }
    }

    /// What has become of it.
    public enum Change: Equatable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It can go on after SIGCONT.
        case stopped(signal: Int32)
    }

    /// Why there is no child.
    public enum Failure: Error, Equatable, Sendable {
        /// It is no program that we could run: the error number of execve(2).
        case program(errno: Int32)
        /// The system has no room for another process: the error number.
        case system(errno: Int32)
    }

    /// Also the number of its process group.
    public let processID: Int32

    private let adoptsOrphans: Bool

    /// Starts it, and waits until it has become its program.
    ///
    /// - Parameter adoptsOrphans: whether its descendants become our children when their parents
    ///   end, and are reaped. The process must then have no other children.
    public init(_ program: Program, adoptsOrphans: Bool = false) throws(Failure) {
        if adoptsOrphans { Self.adoptOrphans() }
        self.adoptsOrphans = adoptsOrphans
        processID = try Self.start(program)
    }

    /// From now on descendants become our children when their parents end.
    static func adoptOrphans() { _ = adopt_orphans() }

    /// The soft limit of open descriptors that holds now; nil: there is none.
    public static var openFileLimit: Int? {
        let limit = open_file_limit()
        return limit < 0 ? nil : limit
    }

    /// Why a child cannot have a file for /etc/resolv.conf, in the system's words; nil: it can.
    ///
    /// - Parameter file: with its final zero byte.
    public static func resolverProblem(_ file: [CChar]) -> String? {
        let error = resolver_try(file)
        return error == 0 ? nil : String(cString: strerror(error))
    }

    /// Our own environment: `NAME=value`, each with its final zero byte, in whatever encoding.
    public static var inheritedEnvironment: [[CChar]] {
        var entries: [[CChar]] = []
        var next = environment_entries()
        while let entry = next?.pointee {
            entries.append(Array(UnsafeBufferPointer(start: entry, count: strlen(entry) + 1)))
            next = next?.successor()
        }
        return entries
    }

    /// Sends a signal to the program and to what it has started in its process group.
    public func signalGroup(_ number: Int32) {
        kill(-processID, number)
    }

    // MARK: Starting

    private static func start(_ program: Program) throws(Failure) -> Int32 {
        let name = program.arguments.first ?? [0]
        let candidates = paths(of: name, environment: program.environment)
        var failure: Int32 = 0
        let child = withPointers(candidates) { candidates in
            withPointers(program.arguments) { arguments in
                withPointers(program.environment) { environment in
                    start(program, candidates, arguments, environment, &failure)
                }
            }
        }
        guard child > 0 else { throw .system(errno: errno) }
        guard failure == 0 else { throw .program(errno: failure) }
        return child
    }

    private static func start(
        _ program: Program, _ candidates: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>, _ failure: inout Int32
    ) -> Int32 {
        func stream(_ index: Int) -> Int32 { program.streams.map { $0[index] } ?? -1 }
        func start(
            _ folder: UnsafePointer<CChar>?, _ resolver: UnsafePointer<CChar>?
        ) -> Int32 {
            var plan = child_plan(
                candidates: candidates, arguments: arguments, environment: environment,
                terminal: program.terminal ?? -1, open_files: program.openFileLimit ?? -1,
                file_size: program.fileSizeLimit ?? -1, folder: folder,
                streams: (stream(0), stream(1), stream(2)), resolver: resolver)
            return child_start(&plan, &failure)
        }
        // No array: a null pointer.
        return (program.folder ?? []).withUnsafeBufferPointer { folder in
            (program.resolver ?? []).withUnsafeBufferPointer { resolver in
                start(
                    program.folder == nil ? nil : folder.baseAddress,
                    program.resolver == nil ? nil : resolver.baseAddress)
            }
        }
    }

    /// Where a program of that name may be: itself if it has a slash, else in each folder of PATH.
    static func paths(of name: [CChar], environment: [[CChar]]) -> [[CChar]] {
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        guard name.count > 1 else { return [] }
        if name.contains(slash) { return [name] }
        let label = Array("PATH=".utf8CString.dropLast())
        let path = environment.first { $0.starts(with: label) }.map { $0.dropFirst(5).dropLast() }
        let folders = (path ?? "/bin:/usr/bin".utf8CString.dropLast()[...]).split(
            separator: CChar(bitPattern: UInt8(ascii: ":")), omittingEmptySubsequences: false)
        // An empty folder is the current one.
        return folders.map { $0.isEmpty ? name : $0 + [slash] + name }
    }

    /// Lends C an array of texts with a null pointer at its end.
    private static func withPointers<Result>(
        _ texts: [[CChar]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = texts.map { text in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
            copy.initialize(from: text, count: text.count)
            return Optional(copy)
        }
        pointers.append(nil)
        defer { for pointer in pointers { pointer?.deallocate() } }
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("an array with a null pointer at its end is not empty")
            }
            return body(base)
        }
    }

    // MARK: Waiting

    /// What has become of it since it was asked last; nil: nothing. After its end there is no more.
    public func nextChange() -> Change? {
        var status: Int32 = 0
        while true {
            let changed = waitpid(adoptsOrphans ? -1 : processID, &status, WNOHANG | WUNTRACED)
            if changed < 0, errno == EINTR { continue }
            guard changed > 0 else { return nil }
            if changed == processID { return Self.change(status) }
        }
    }

    /// The macros of wait(2), which Swift cannot import.
    private static func change(_ status: Int32) -> Change {
        let (low, high) = (status & 0x7f, (status >> 8) & 0xff)
        if low == 0 { return .exited(high) }
        return status & 0xff == 0x7f ? .stopped(signal: high) : .killed(signal: low)
    }
}
