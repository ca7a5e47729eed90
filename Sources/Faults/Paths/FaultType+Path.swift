extension FaultType {
    /// Whether a URL can name it. What is of listeners and connections acts before there is one,
    /// and so do scripts that speak first; what is of names has none.
    public var standsInPaths: Bool {
        [.exchange, .bytes].contains(place) && self != .script && script?.beginning != .accept
            && !needsNames
    }

    /// A complete value of `--toxic` for a proxy.
    public func example(on proxy: String) -> String {
        needsNames
            ? example : example.replacing("local:", with: "\(proxy):", maxReplacements: 1)
    }
}
