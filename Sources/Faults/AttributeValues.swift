import HTTPWire

/// The attributes of one fault, checked against the schema, with the defaults filled in.
struct AttributeValues {
    private var values: [String: Quantity] = [:]
    /// Of `respond`, by status.
    private(set) var weights: [(status: HTTPStatus, weight: UInt32)] = []

    init(_ type: FaultType, _ given: [String: Quantity]) throws(FaultError) {
        for attribute in type.attributes where attribute.unit != .weight {
            values[attribute.name] = attribute.defaultQuantity
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let attribute = type.attribute(named: name) else {
                throw Self.unknown(name, type)
            }
            let value = try attribute.checked(value)
            guard let code = type == .respond ? FaultType.status(name) : nil else {
                values[attribute.name] = value
                continue
            }
            guard case .number(let weight) = value, let status = HTTPStatus(Int(code)) else {
                continue
            }
            weights.append((status, UInt32(weight)))
        }
        if type == .respond, weights.isEmpty { weights = [(418, 1), (503, 1)] }
    }

    func number(_ name: String) -> Int64 {
        guard case .number(let number) = values[name] else { return 0 }
        return number
    }

    func time(_ name: String) -> Nanoseconds { Nanoseconds(number(name)) }

    func probability(_ name: String) -> Probability {
        guard case .fraction(let fraction) = values[name] else { return .never }
        return Probability(fraction) ?? .never
    }

    private static func unknown(_ name: String, _ type: FaultType) -> FaultError {
        let names = type.attributes.map(\.name)
        let known =
            names.isEmpty
            ? "It has none."
            : "There \(names.count == 1 ? "is" : "are") \(FaultError.listed(names))."
        return FaultError("\(type.rawValue) has no attribute '\(name)'. \(known)")
    }
}
