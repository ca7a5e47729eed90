import ArgumentParser

/// `flagserver manual`: the manual page, for man(1).
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page.",
        discussion: """
            EXAMPLES:
              flagserver manual > flagserver.1
              man -l flagserver.1

            'make install' puts it where 'man flagserver' finds it.
            """)

    func run() throws {
        try StandardOutput.write(ManualPage(CommandReference.program()).text)
    }
}
