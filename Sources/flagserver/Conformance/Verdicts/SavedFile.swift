/// What lies under a final name when the command has ended, held against what belongs there.
struct SavedFile: Equatable {
    enum State: Equatable {
        case missing, right
        /// What had been put there before, untouched.
        case asGiven
        /// The right bytes, but not all of them.
        case beginning
        /// All the right bytes, and more behind them.
        case tooLong
        /// - Parameter from: the first byte that differs, from 0.
        case different(from: Int)
    }

    let state: State
    /// Bytes that are there, and that belong there.
    let count: Int
    let wanted: Int

    /// - Parameters:
    ///   - found: nil if there is no file.
    ///   - wanted: what belongs there; if that is nothing, no file is as good as an empty one.
    ///   - given: what was there before; nil if there was nothing.
    init(_ found: [UInt8]?, wanted: [UInt8], given: [UInt8]? = nil) {
        count = found?.count ?? 0
        self.wanted = wanted.count
        state = Self.state(found, wanted, given)
    }

    private static func state(_ found: [UInt8]?, _ wanted: [UInt8], _ given: [UInt8]?) -> State {
        guard let found else { return wanted.isEmpty ? .right : .missing }
        if found == wanted { return .right }
        if found == given { return .asGiven }
        let pairs = zip(found, wanted)
        if let place = pairs.enumerated().first(where: { $1.0 != $1.1 })?.offset {
            return .different(from: place)
        }
        return found.count < wanted.count ? .beginning : .tooLong
    }

    var isRight: Bool { state == .right }

    /// Whether somebody would take it for the file, and it is not.
    var isWrong: Bool {
        switch state {
        case .missing, .right, .asGiven: false
        case .beginning, .tooLong, .different: true
        }
    }

    /// `4566 of 11415 bytes`
    var words: String {
        switch state {
        case .missing: "no file"
        case .right: "right bytes"
        case .asGiven: "the file as it was before"
        case .beginning: "\(count) of \(wanted) bytes"
        case .tooLong: "all \(wanted) bytes and \(count - wanted) more"
        case .different(let place): "\(count) bytes, wrong from byte \(place + 1) on"
        }
    }
}
