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
    }

    let description: String
    let status: ExitStatus

    init(_ status: ExitStatus, _ description: String) {
        (self.status, self.description) = (status, description)
    }
}
