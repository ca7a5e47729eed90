/// What went wrong, why and what to do, with the exit status that says which kind it is.
struct CommandLineError: Error, CustomStringConvertible {
    /// Of sysexits(3), as far as there is a word for it.
    enum ExitStatus: Int32 {
        case failure = 1
        case usage = 64
        case malformedFixtures = 65
        case missingInput = 66
        case portInUse = 69
        case cannotWrite = 73
        case outputError = 74
        case permission = 77
        case configuration = 78

        /// Of what is asked for and not there.
        static let unavailable = ExitStatus.portInUse
    }

    /// Where in a configuration file: what editors and other programs jump to.
    struct Place: Comparable, CustomStringConvertible {
        /// As it was given.
        let path: String
        /// From 1.
        let line: Int
        /// From 1, in Unicode scalars.
        let column: Int

        var description: String { "\(path):\(line):\(column)" }

        static func < (left: Place, right: Place) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// Without its place.
    let reason: String
    let status: ExitStatus
    /// nil: the command line, or the surroundings.
    let place: Place?

    init(_ status: ExitStatus, _ reason: String, at place: Place? = nil) {
        (self.status, self.reason, self.place) = (status, reason, place)
    }

    /// To stand behind `error: ` or within a sentence.
    var description: String { place.map { "\($0): \(reason)" } ?? reason }

    /// A line for stderr, in the form that compilers made known: `flagserver.yaml:14:7: error: …`.
    var line: String { place.map { "\($0): error: \(reason)" } ?? "error: \(reason)" }
}
