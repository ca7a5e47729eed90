import Charfinder
import EventLoop

/// A connection that holds the dialogue of charfinder. Loop thread only.
final class CharfinderSession: ConnectionHandler {
    /// Output that may wait for the client, in bytes; above it nothing more is made.
    private static let highMark = 64 << 10

    private let connection: Connection
    private var dialogue: CharfinderDialogue
    private let index: CharacterIndex
    private let whenClosed: (CharfinderSession, ConnectionEnding) -> Void
    private var share: RowShare?
    private var isWaiting = false

    init(
        _ connection: Connection, _ dialogue: CharfinderDialogue, _ index: CharacterIndex,
        _ turns: RowTurns, whenClosed: @escaping (CharfinderSession, ConnectionEnding) -> Void
    ) {
        (self.connection, self.dialogue, self.index) = (connection, dialogue, index)
        self.whenClosed = whenClosed
        super.init()
        share = RowShare(turns) { [weak self] in self?.goOn() }
    }

    func begin() {
        connection.start(self)
        goOn()
    }

    override func received(_ bytes: UnsafeRawBufferPointer) {
        dialogue.receive(bytes)
        if !dialogue.hasRoom { connection.pauseReading() }
        goOn()
    }

    override func receivedEnd() {
        dialogue.receiveEnd()
        goOn()
    }

    override func drained() { goOn() }
    override func closed(_ ending: ConnectionEnding) { whenClosed(self, ending) }

    private func goOn() {
        while connection.isOpen, !isWaiting, connection.queuedBytes < Self.highMark {
            guard let share, share.take() else { return }
            switch dialogue.next() {
            case .bytes(let piece): piece.withUnsafeBytes { connection.write($0) }
            case .waits: return wait()
            case .listens: return connection.resumeReading()
            case .ends: return connection.close(lingering: true)
            }
        }
    }

    private func wait() {
        isWaiting = true
        index.whenComplete { [weak self] in
            guard let self else { return }
            isWaiting = false
            goOn()
        }
    }
}
