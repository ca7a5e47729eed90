/// A journal that cannot be opened: why, and what to do.
///
///     cannot write the journal '/srv': Is a directory. Name a file, or - for standard output.
public struct JournalFileError: Error, CustomStringConvertible {
    public let description: String
}
