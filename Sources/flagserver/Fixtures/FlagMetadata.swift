import ControlAPI

/// What a `metadata.json` says of its flag; more than the name of the country is not looked at.
struct FlagMetadata {
    enum Failure: String, Error, CustomStringConvertible {
        case noObject = "is no JSON object"
        case noCountry = "lacks \"country\" with a text"

        var description: String { rawValue }
    }

    let country: String

    init(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard String(validating: bytes, as: UTF8.self) != nil,
            let value = try? JSONReader.read(bytes, isWhole: true)
        else { throw .noObject }
        guard case .object(let members) = value,
            case .string(let country) = members.last(where: { $0.name == "country" })?.value
        else { throw .noCountry }
        self.country = country
    }
}
