/// What libyaml comes across in a text, in the order of the text.
struct YAMLEvent {
    enum Kind {
        case document
        /// - Parameter isPlain: neither in quotes nor as a block, nor said to be text by `!!str`.
        case scalar(String, isPlain: Bool)
        case list
        case mapping
        /// Of the list or mapping that began last.
        case collectionEnd
        /// With the name of the anchor.
        case alias(String)
        case textEnd
    }

    let kind: Kind
    /// The name in `&name`, if it stands before a value.
    let anchor: String?
    let mark: YAMLMark
}

/// A place in a text.
struct YAMLMark {
    /// In Unicode scalars, from 0.
    let index: Int
    /// From 1.
    let line: Int
    /// From 1, in Unicode scalars.
    let column: Int
}
