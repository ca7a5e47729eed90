// A script of somebody's own.

extension ToxicReading {
    /// The type with the script that is given beside it.
    ///
    /// - Parameter type: as it is written; or, of a toxic that is changed, as it was.
    func scripted(_ type: FaultType) throws(ToxicError) -> FaultType {
        guard type == .script else { return type }
        guard !has("file") else {
            throw ToxicError(
                ["file"],
                .invalid(
                    "file can be given on the command line and in configuration files only. "
                        + "Send the text of the script as steps."))
        }
        let (steps, variant) = (try text("steps"), try text("variant"))
        if type.script != nil, steps == nil, variant == nil { return type }
        guard let steps = steps ?? type.script?.text, !steps.isEmpty else {
            // Perhaps a slip in a key is why there is none.
            _ = try given(type)
            throw ToxicError(
                ["steps"],
                .invalid(
                    syntax == .json
                        ? "a script needs its text: send it as steps."
                        : "a script needs its text. Write file=my.fault, or steps."))
        }
        return FaultType(try Self.variant(variant, of: try Self.scripts(steps)))
    }

    private static func scripts(_ steps: String) throws(ToxicError) -> [Script] {
        guard steps.utf8.count <= Script.maximumText else {
            throw ToxicError(
                ["steps"],
                .invalid(
                    "steps has \(steps.utf8.count) bytes. A script has at most "
                        + "\(Script.maximumText): leave comments out, or use fill and repeat."))
        }
        do throws(ScriptError) {
            return try Script.read(steps)
        } catch {
            throw ToxicError(["steps"], .script(error))
        }
    }

    /// - Parameter name: nil or empty: the first one.
    private static func variant(
        _ name: String?, of scripts: [Script]
    ) throws(ToxicError) -> Script {
        guard let name, !name.isEmpty else { return scripts[0] }  // a text has one at least
        if let found = scripts.first(where: { $0.variant == name.lowercased() }) { return found }
        let names = scripts.compactMap(\.variant)
        let known =
            names.isEmpty
            ? "It has none."
            : "There \(names.count == 1 ? "is" : "are") \(FaultError.listed(names))."
        throw ToxicError(
            ["variant"], .invalid("the script has no variant '\(name)'. \(known)"))
    }

    // MARK: Values

    /// What could not be shown as it is must not be taken.
    func checkKept(
        _ quantity: Quantity, of attribute: Attribute, _ type: FaultType, _ path: [String]
    ) throws(ToxicError) {
        guard type.isScript, attribute.unit != .word,
            (try? attribute.quantity(attribute.written(quantity))) != quantity
        else { return }
        throw ToxicError(path, "it cannot be kept exactly: write fewer digits.")
    }

    /// A whole number, of which the key says the unit: `at_bytes`.
    func quantity(
        _ field: ToxicField, _ attribute: Attribute, unitIn path: [String]
    ) throws(ToxicError) -> Quantity {
        do throws(FaultError) {
            let suffix = try attribute.suffix(ofKey: field.name)
            switch field.value {
            case .text(let digits), .number(let digits):
                if Notation.isDigits(digits) { return try attribute.quantity(digits + suffix) }
            case .flag, .null, .list, .mapping: break
            }
        } catch {
            throw ToxicError(path, error.description)
        }
        throw mismatch(field, path, .whole)
    }
}

extension Script {
    /// Of a script with several; nil if it is the only one.
    public var variant: String? {
        name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) }
    }
}
