/// What can go wrong with an answer.
public enum NameFault: Equatable, Sendable {
    /// There is no such name, it says.
    case nameError
    case serverFailure
    case refused
    /// There is no answer.
    case drop
    /// Over UDP there is nothing but the wish that it be asked for over TCP.
    case truncation
    /// The answer to another number: the next one.
    case wrongIdentifier
    /// The answer to another question: `wrong.invalid`, or `other.invalid` where that is asked for.
    case wrongQuestion
    /// Over UDP the answer comes from another address.
    case wrongSource
    /// The name stands for `loop.invalid`, or for `other.invalid` where it is that itself, and that
    /// for the first.
    case canonicalLoop
    /// A is answered, AAAA never.
    case noAddress6
    /// Over UDP as a truncation, and over TCP byte by byte, so many nanoseconds apart.
    case slowStream(pause: UInt64)
    /// So many addresses more.
    case manyRecords(count: Int)
    /// Nothing may be remembered.
    case zeroTimeToLive
    /// What is no message, but has the right number.
    case garbage

    /// Most records that fit into any message, with all that there is beside them.
    public static let maximumRecords = 2000
}

extension NameReply {
    private static let wrongName = DomainName(wire: [5] + Array("wrong".utf8) + invalid)
    /// Where one of these is what is asked for.
    private static let otherName = DomainName(wire: [5] + Array("other".utf8) + invalid)
    private static let loopName = DomainName(wire: [4] + Array("loop".utf8) + invalid)
    /// RFC 2606 §2: there will never be such a name.
    private static let invalid: [UInt8] = [7] + Array("invalid".utf8) + [0]

    /// Lets a fault have its way.
    ///
    /// - Returns: whether it changes anything.
    public mutating func strike(_ fault: NameFault) -> Bool {
        switch fault {
        case .nameError: fail(.nameError)
        case .serverFailure: fail(.serverFailure)
        case .refused: fail(.refused)
        case .drop: delivery = .never
        case .truncation:
            return way == .datagram && truncate()
        case .wrongIdentifier: message.identifier &+= 1
        case .wrongQuestion: rename()
        case .wrongSource:
            guard way == .datagram, delivery == .now else { return false }
            delivery = .fromElsewhere
        case .canonicalLoop: return loop()
        case .noAddress6:
            guard question?.type == .address6 else { return false }
            delivery = .never
        case .slowStream(let pause): return slow(pause)
        case .manyRecords(let count): return fill(count)
        case .zeroTimeToLive: return forget()
        case .garbage: isGarbage = true
        }
        return true
    }

    private mutating func rename() {
        guard let asked = message.question?.name else { return }
        let wrong = question?.name == Self.wrongName ? Self.otherName : Self.wrongName
        message.question?.name = wrong
        for index in message.answers.indices where message.answers[index].name == asked {
            message.answers[index].name = wrong
        }
    }

    private mutating func loop() -> Bool {
        guard let name = message.question?.name else { return false }
        let other = name == Self.loopName ? Self.otherName : Self.loopName
        func record(_ name: DomainName, _ next: DomainName) -> NameRecord {
            NameRecord(
                name, .canonicalName, timeToLive: ZoneEntry.usualTimeToLive, .name(next))
        }
        succeed([record(name, other), record(other, name)])
        return true
    }

    private mutating func slow(_ pause: UInt64) -> Bool {
        switch way {
        case .datagram: return truncate()
        case .stream:
            guard delivery == .now else { return false }
            delivery = .slowly(pause: pause)
            return true
        }
    }

    /// Addresses that lead to nobody but this machine: 127.1.0.0/16, and 100::/64, where everything
    /// is thrown away (RFC 6666). Only an answer that has addresses gets them.
    private mutating func fill(_ count: Int) -> Bool {
        guard let last = message.answers.last, last.type == question?.type,
            last.type == .address4 || last.type == .address6, count > 0, !isTruncated
        else { return false }
        let discard: [UInt8] = [1] + [UInt8](repeating: 0, count: 13)
        for number in 0..<min(count, NameFault.maximumRecords) {
            let low = [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            let address = (last.type == .address4 ? [127, 1] : discard) + low
            message.answers.append(
                NameRecord(
                    last.name, last.type, timeToLive: last.timeToLive, .bytes(address)))
        }
        return true
    }

    private mutating func forget() -> Bool {
        guard !message.answers.isEmpty || !message.authorities.isEmpty, !isTruncated else {
            return false
        }
        for index in message.answers.indices { message.answers[index].timeToLive = 0 }
        for index in message.authorities.indices { message.authorities[index].timeToLive = 0 }
        return true
    }
}
