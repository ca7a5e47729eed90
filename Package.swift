// swift-tools-version: 6.1
// The architecture diagram: every target, in dependency order, with all that it may import.
// `TidyTests` holds the imports in the source against this list.
import PackageDescription

/// What pure and socket code share: the data path has no exclusivity checks in release builds,
/// because each object lives on one thread and debug builds (which the tests are) check it.
let fast: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
    name: "flagserver",
    products: [.executable(name: "flagserver", targets: ["flagserver"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        // Lets Swift see libevent.
        .systemLibrary(
            name: "CLibevent", pkgConfig: "libevent_core", providers: [.apt(["libevent-dev"])]),
        // Lets Swift see libyaml.
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        // What is in the program besides Swift: the files of fixtures/flags, as the assembler puts
        // them there, and the words of the command line.
        .target(
            name: "CProgram",
            cSettings: [
                .headerSearchPath("../../fixtures"),
                .define("WITHOUT_FOUNDATION", .when(configuration: .release)),
            ]),
        // The texts of Sources/Faults/Scripts and Sources/ControlAPI/Page/Files, as the assembler
        // puts them into the program.
        .target(
            name: "CTexts",
            cSettings: [
                .headerSearchPath("../Faults/Scripts"),
                .headerSearchPath("../ControlAPI/Page/Files"),
            ]),
        // Sockets, timers and signals on one thread; the only place that knows libevent.
        .target(name: "EventLoop", dependencies: ["CLibevent"], swiftSettings: fast),
        // Bytes <-> HTTP/1.1 messages. Pure.
        .target(name: "HTTPWire", swiftSettings: fast),
        // Questions for names, as bytes, -> answers, as bytes. Pure.
        .target(name: "Names", swiftSettings: fast),
        // Decides what goes wrong, and when. Pure.
        .target(
            name: "Faults", dependencies: ["CTexts", "HTTPWire", "Names"], exclude: ["Scripts"],
            swiftSettings: fast),
        // Request -> response from the flag store. Pure. Its pages look like that of the control port.
        .target(name: "FlagSite", dependencies: ["CTexts", "HTTPWire"], swiftSettings: fast),
        // Query -> characters whose names have its words, over TCP and HTTP as in the book. Pure.
        .target(name: "Charfinder", dependencies: ["FlagSite", "HTTPWire"], swiftSettings: fast),
        // What happened: record, ring, filters, lines of log and journal; pure but for its writer
        // thread.
        .target(
            name: "Records", dependencies: ["EventLoop", "HTTPWire", "Faults"],
            swiftSettings: fast),
        // Joins a client to an upstream through pipelines of faults.
        .target(
            name: "ChaosProxy",
            dependencies: ["EventLoop", "HTTPWire", "Names", "Faults", "Records"],
            swiftSettings: fast),
        // Toxiproxy's and Vaurien's interfaces over the proxies; itself a site.
        .target(
            name: "ControlAPI",
            dependencies: ["CTexts", "EventLoop", "HTTPWire", "Faults", "Records", "ChaosProxy"],
            exclude: ["Page/Files"]),
        // Asks servers for files over HTTP/1.1, and saves them: the other half, for clients.
        .target(
            name: "Downloading", dependencies: ["EventLoop", "HTTPWire"], swiftSettings: fast),
        // What a load measures, which number of connections is best, and how that is shown. Pure.
        .target(name: "Sweeping", dependencies: ["Faults", "Records"]),
        // Reads options, files and signals, builds everything, runs the loop.
        .executableTarget(
            name: "flagserver",
            dependencies: [
                "CProgram", "CYAML", "EventLoop", "HTTPWire", "Names", "Faults", "FlagSite",
                "Charfinder",
                "Records", "ChaosProxy", "ControlAPI", "Downloading", "Sweeping",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            // With all that it needs, and at a fixed address: there is nothing to be found or
            // corrected at a start. lld, because it is silent about functions of libevent that ask
            // the system's name service: none of them is called. For `--wrap` see start.c.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-executable", "-use-ld=lld", "-Xlinker",
                        "--wrap=swift_copyAuxiliaryExecutablePath",
                    ], .when(configuration: .release))
            ]),

        // Fakes and harness for the tests; never shipped.
        .target(
            name: "TestSupport",
            dependencies: ["EventLoop", "HTTPWire", "Faults", "Records", "ChaosProxy"],
            path: "Tests/TestSupport"),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "TestSupport"]),
        .testTarget(name: "NamesTests", dependencies: ["Names"]),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire", "TestSupport"]),
        .testTarget(
            name: "FaultsTests", dependencies: ["Faults", "HTTPWire", "Names", "TestSupport"]),
        .testTarget(name: "FlagSiteTests", dependencies: ["FlagSite", "HTTPWire", "TestSupport"]),
        .testTarget(name: "CharfinderTests", dependencies: ["Charfinder", "HTTPWire"]),
        .testTarget(
            name: "RecordsTests",
            dependencies: ["Records", "EventLoop", "HTTPWire", "Faults", "TestSupport"],
            exclude: ["Query/query-cases.json"]),
        .testTarget(
            name: "ChaosProxyTests",
            dependencies: [
                "ChaosProxy", "EventLoop", "HTTPWire", "Names", "Faults", "Records", "TestSupport",
            ]),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "ControlAPI", "ChaosProxy", "EventLoop", "HTTPWire", "Faults", "Records",
                "TestSupport",
            ]),
        .testTarget(
            name: "DownloadingTests",
            dependencies: ["Downloading", "EventLoop", "HTTPWire", "TestSupport"]),
        .testTarget(name: "SweepingTests", dependencies: ["Sweeping", "Faults", "Records"]),
        .testTarget(
            name: "FlagServerTests",
            dependencies: [
                "flagserver", "ChaosProxy", "Charfinder", "ControlAPI", "Downloading", "EventLoop",
                "Faults", "FlagSite", "HTTPWire", "Names", "Records", "Sweeping", "TestSupport",
            ]),
        // A whole town for a day, on simulated time.
        .testTarget(
            name: "DayTests",
            dependencies: [
                "flagserver", "ChaosProxy", "ControlAPI", "EventLoop", "Faults", "FlagSite",
                "HTTPWire", "Records", "TestSupport",
            ]),
        // What `make fuzz` feeds, with what must hold; its tests replay the corpora.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "flagserver", "ChaosProxy", "ControlAPI", "Downloading", "EventLoop", "Faults",
                "HTTPWire", "Names", "Records",
            ],
            path: "Tests/Fuzz", exclude: ["corpus", "executions.tsv", "fuzz"]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["flagserver", "TestSupport"],
            exclude: ["python"]),
        .testTarget(name: "TidyTests"),
    ],
    swiftLanguageModes: [.v6]
)
