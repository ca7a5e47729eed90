import HTTPWire

/// `corrupt`: random bytes in place of a message or, injected, in the middle of its first piece.
///
/// Vaurien's `error` on protocols that have no errors. A message ends at a boundary; where there
/// are none, the whole stream is one.
public struct Corrupt: Stage {
    private var byteCount: Int
    private var isInjecting: Bool
    private var generator: SeededGenerator
    /// Whether the message under way has got its random bytes.
    private var isDone = false

    /// - Parameters:
    ///   - bytes: how many random ones.
    ///   - inject: they come between the others.
    public init(bytes: Int, inject: Bool, seed: UInt64) {
        (byteCount, isInjecting) = (bytes, inject)
        generator = SeededGenerator(seed: seed)
    }

    public var deadline: Instant? { nil }
    public var heldBytes: Int { 0 }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch flow {
        case .bytes(let bytes) where bytes.count > 0: receive(bytes, &actions)
        case .boundary:
            isDone = false
            actions.forward(flow)
        case .bytes, .prepared, .end, .cut: actions.forward(flow)
        }
    }

    private mutating func receive(_ bytes: Bytes, _ actions: inout Actions) {
        if isInjecting {
            let middle = isDone ? 0 : bytes.count / 2
            if middle > 0 { actions.forward(.bytes(bytes[0..<middle])) }
            sendRandomBytes(&actions)
            actions.forward(.bytes(bytes[middle..<bytes.count]))
        } else {
            sendRandomBytes(&actions)
        }
    }

    private mutating func sendRandomBytes(_ actions: inout Actions) {
        guard !isDone else { return }
        isDone = true
        guard byteCount > 0 else { return }
        let bytes = Self.random(byteCount, &generator)
        actions.forward(.bytes(bytes.withUnsafeBytes { Bytes(ByteStorage(copying: $0)) }))
    }

    /// Eight bytes of each number, the lowest first.
    static func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var number: UInt64 = 0
            for index in 0..<count {
                if index % 8 == 0 { number = generator.next() }
                buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
            initialized = count
        }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {}

    public mutating func release(at now: Instant, into actions: inout Actions) {}

    /// Another kind of damage from the next message on.
    mutating func update(bytes: Int, inject: Bool) {
        (byteCount, isInjecting) = (bytes, inject)
    }
}
