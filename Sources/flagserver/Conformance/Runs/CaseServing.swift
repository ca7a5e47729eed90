import Faults
import Glibc
import Records

/// `--serve NAME`: one case for use by hand, until a signal ends it.
struct CaseServing {
    private let item: ConformanceCase
    private let seed: UInt64

    init(_ item: ConformanceCase, _ seed: UInt64) {
        (self.item, self.seed) = (item, seed)
    }

    func run() throws {
        let ground = try CaseGround(seed: seed, openFiles: nil)
        let task = item.task
        let log = LogWriter(descriptor: STDERR_FILENO)
        let world = try CaseWorld(task.toxics, ground) { log.write($0) }
        tell(log)
        log.start { LogLine(.text) { nil } }
        try StandardOutput.write(world.url(task.segment, ground.first, host: task.host) + "\n")
        try ground.supervisor.run()
        world.close()
        log.flush(milliseconds: 500)
        Glibc.exit(0)
    }

    private func tell(_ log: LogWriter) {
        log.write("\(item.name): \(item.sentence) Expected: \(item.expect.rawValue).\n")
        if let given = item.given {
            let what = given.isOther ? "another flag" : "the flag"
            log.write(
                "The file has the first \(given.percent) % of \(what) before the client begins.\n")
        }
    }
}
