import HTTPWire

/// The bytes of a long answer are counted piece by piece, without being kept, once for all who ask
/// for it meanwhile.
final class Measurement {
    struct Asker {
        let search: CharacterSearch
        let question: Question
        private(set) weak var late: LateAnswer?
    }

    /// Pieces that are measured in a turn: about a millisecond.
    private static let slice = 16

    private var writer: RowWriter
    private var askers: [Asker] = []
    /// Of the answer, in bytes, as far as it has been written.
    private(set) var count = 0
    private(set) var isComplete = false

    init(_ answer: CharacterAnswer) { writer = answer.writer }

    func join(_ asker: Asker) { askers.append(asker) }

    /// Whether somebody still waits for it.
    var isAwaited: Bool { askers.contains { $0.late != nil } }

    /// Who has asked first; each comes once.
    func nextAsker() -> Asker? { askers.isEmpty ? nil : askers.removeFirst() }

    func advance() {
        for _ in 0..<Self.slice {
            let piece = writer.next()
            count += piece.count
            isComplete = piece.isEmpty
            if isComplete { return }
        }
    }
}
