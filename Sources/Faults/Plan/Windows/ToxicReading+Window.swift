// When a toxic is in force.

extension ToxicReading {
    /// `ttl` and `schedule`. An empty text in JSON takes one away.
    ///
    /// - Parameter kept: what holds where nothing else is given.
    func window(over kept: ToxicWindow?) throws(ToxicError) -> ToxicWindow? {
        var window = kept ?? ToxicWindow()
        let ttl = try ttl()
        if ttl.isSaid { window.ttl = ttl.time }
        if let text = try text("schedule") {
            window.schedule = isNothing(text) ? nil : try Self.schedule(text)
        }
        return window == ToxicWindow() ? nil : window
    }

    /// A number in JSON is one of milliseconds.
    ///
    /// - Returns: nil takes it away.
    private func ttl() throws(ToxicError) -> (time: Nanoseconds?, isSaid: Bool) {
        let field = fields.last { $0.name == "ttl" && $0.value != .null }
        if syntax == .json, case .number(let digits)? = field?.value {
            guard let number = UInt64(digits) else {
                throw ToxicError(["ttl"], "ttl \(digits) is no whole number of milliseconds.")
            }
            let (time, isTooMuch) = number.multipliedReportingOverflow(by: 1_000_000)
            return (try Self.checked(isTooMuch ? .max : time, "ttl", of: digits), true)
        }
        guard let text = try text("ttl") else { return (nil, false) }
        return (isNothing(text) ? nil : try Self.time(text[...], "ttl", of: text), true)
    }

    private static func schedule(_ text: String) throws(ToxicError) -> ToxicWindow.Schedule {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ToxicError(
                ["schedule"],
                "schedule '\(text)': write 5s/30s, for the first 5 of every 30 seconds.")
        }
        let length = try time(parts[0].trimmed, "schedule", of: text)
        let period = try time(parts[1].trimmed, "schedule", of: text)
        guard length <= period else {
            throw ToxicError(
                ["schedule"],
                "schedule '\(text)': the time in force is longer than the period. Write "
                    + "\(parts[1].trimmed)/\(parts[0].trimmed)?")
        }
        return ToxicWindow.Schedule(length: length, period: period)
    }

    private static func time(
        _ part: Substring, _ key: String, of text: String
    ) throws(ToxicError) -> Nanoseconds {
        let time: Quantity
        do throws(FaultError) {
            time = try Attribute.milliseconds(key, "").quantity(String(part))
        } catch {
            throw ToxicError([key], error.description)
        }
        guard case .number(let number) = time else { return 0 }
        return try checked(Nanoseconds(number), key, of: text)
    }

    private static func checked(
        _ time: Nanoseconds, _ key: String, of text: String
    ) throws(ToxicError) -> Nanoseconds {
        guard time >= ToxicWindow.shortest else {
            throw ToxicError([key], "\(key) '\(text)' is shorter than 1ms: it would never act.")
        }
        guard time <= ToxicWindow.longest else {
            throw ToxicError([key], "\(key) '\(text)' is longer than 24h.")
        }
        return time
    }
}
