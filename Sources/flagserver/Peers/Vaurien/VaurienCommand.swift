import ArgumentParser
import Glibc

/// `flagserver vaurien`: one chaos proxy with Vaurien's own command line and configuration file.
struct VaurienCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vaurien",
        abstract: "Be Vaurien: one proxy, with its command line, file and API.",
        discussion: """
            EXAMPLE:
              flagserver vaurien --protocol http --proxy localhost:8003 \\
                --backend localhost:8001 --behavior 25:error,50:delay \\
                --behavior-delay-sleep .5

            Also when the program is run under the name 'vaurien'.
            """,
        version: "2.0")

    @OptionGroup var options: VaurienOptions

    func run() throws {
        try StandardDescriptors.open()
        let configuration = try VaurienConfiguration(options) { name in
            getenv(name).map { String(cString: $0) }
        }
        try VaurienDaemon(configuration).run()
    }
}
