@testable import ChaosProxy
@testable import Faults
@testable import flagserver

/// The option grammar of faults, delays, error rates and shares, a line each.
enum FuzzMixes {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        for line in bytes.fuzzLines {
            let text = String(decoding: line, as: UTF8.self)
            try checkMix(text)
            try checkValues(text)
            try checkPath(text)
            guard let toxic = words(text) else { continue }
            try FuzzPipelines.draw(toxic)
        }
    }

    /// A toxic as on the command line, without its proxy; nil if it is none.
    static func words(_ text: String) -> Toxic? {
        guard isKnown(text) else { return nil }
        let target = ToxicOption.Target(name: "p", protocol: .http, toxics: [])
        return try? ToxicOption("p:" + text, targets: [target], takesFiles: false).toxic
    }

    /// Whether it begins with the name of a fault. To look for one that is near takes so long that
    /// only some others are worth it.
    private static func isKnown(_ text: String) -> Bool {
        let name = text.prefix { !" ;,".contains($0) }
        return FaultType(rawValue: String(name)) != nil || text.utf8.count.isMultiple(of: 16)
    }

    // MARK: Mixes

    private static func checkMix(_ text: String) throws {
        for errors in [nil, Respond.standard] {
            guard let mix = try taken({ try BehaviourMix(text, errors: errors) }) else { return }
            try hold(mix.parts.reduce(0) { $0 + $1.percent } <= 100, "\(mix) is more than all")
            try checkAgain(mix)
        }
    }

    static func checkAgain(_ mix: BehaviourMix) throws {
        let again = try? BehaviourMix("\(mix)", options: mix.options, errors: nil)
        try hold(
            again?.parts.map(\.percent) == mix.parts.map(\.percent)
                && again?.parts.map(\.behaviour) == mix.parts.map(\.behaviour),
            "\(mix) is read as something else")
    }

    // MARK: Values

    private static func checkValues(_ text: String) throws {
        if let chance = try taken({ try OptionValues.probability(text, option: "--p") }) {
            try hold((0...1).contains(chance.fraction), "\(text) is a chance")
        }
        if let delay = try taken({ try OptionValues.delay(text, option: "--delay") }) {
            try hold(delay.upperBound <= OptionValues.maximumDelay, "\(text) is a delay")
        }
        if let statuses = try taken({ try OptionValues.statuses(text, option: "--s") }) {
            try hold(
                statuses.allSatisfy { (200...599).contains($0.status.code) },
                "\(text) has a status that there is not")
        }
        _ = try taken { try OptionValues.time(text, option: "--time") }
        if let count = try taken({ try OptionValues.count(text, 3...700, option: "--n") }) {
            try hold((3...700).contains(count), "\(text) lies in 3...700")
        }
        try checkQuantities(text)
    }

    /// Of each kind of attribute: what is written is read as the same.
    private static func checkQuantities(_ text: String) throws {
        for attribute in attributes {
            let read = try taken { try attribute.checked(try attribute.quantity(text)) }
            guard let read else { continue }
            let written = attribute.written(read)
            let again = try? attribute.checked(try attribute.quantity(written))
            try hold(
                again == read || isShare(read) || attribute.unit == .fields,
                "\(attribute.name) \(text) is \(read), written \(written): \(again as Any)")
        }
    }

    /// Shares are written for people.
    private static func isShare(_ quantity: Quantity) -> Bool {
        if case .fraction = quantity { true } else { false }
    }

    private static let attributes: [Attribute] = {
        var found: [Attribute] = []
        for attribute in FaultType.allCases.flatMap(\.attributes)
        where !found.contains(where: { $0.unit == attribute.unit }) {
            found.append(attribute)
        }
        return found
    }()

    // MARK: Faults of a URL

    private static func checkPath(_ text: String) throws {
        guard isKnown(text), let path = try taken({ try FaultPath(text.utf8) }) else { return }
        try hold(path.toxics.count <= FaultPath.maximumFaults, "\(text) names too many faults")
        for toxic in path.toxics { try FuzzPipelines.draw(toxic) }
        guard !path.next.isEmpty else { return }
        let next = try taken { try FaultPath(path.next.utf8) }
        try hold(next != nil, "behind \(text) comes \(path.next), which is refused")
        try hold(next != path, "\(text) does not count down")
    }
}
