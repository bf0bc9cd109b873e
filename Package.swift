// swift-tools-version: 6.2
import PackageDescription

/// The rules that every target of the house obeys.
let houseRules: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A step of the stairs, standing on the steps below it and on nothing else.
func step(
  _ name: String, on below: [Target.Dependency] = [], without other: [String] = []
) -> Target {
  .target(name: name, dependencies: below, exclude: other, swiftSettings: houseRules)
}

/// A step in C: as small as can be.
func foundation(_ name: String) -> Target {
  .target(
    name: name,
    cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)])
}

/// A program below `Tools/`.
func tool(
  _ name: String, at folder: String, on below: [Target.Dependency], without other: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: below, path: "Tools/\(folder)", exclude: other,
    swiftSettings: houseRules)
}

/// The tests of one step.
func tests(
  _ name: String, on below: [Target.Dependency], without other: [String] = []
) -> Target {
  .testTarget(name: name, dependencies: below, exclude: other, swiftSettings: houseRules)
}

let package = Package(
  name: "cohort-ledger",
  products: [
    .library(name: "CohortLedger", targets: ["CohortLedger"]),
    .executable(name: "cohort", targets: ["cohort"]),
  ],
  targets: [
    foundation("CPlatform"),
    foundation("CConsole"),
    step("CohortThreads", on: ["CPlatform"]),
    step("CohortModel"),
    step("CohortFormat", on: ["CohortModel", "CPlatform"]),
    step("CohortLog", on: ["CohortFormat", "CohortModel", "CPlatform"]),
    step(
      "CohortLedger",
      on: ["CohortLog", "CohortFormat", "CohortModel", "CohortThreads", "CPlatform"]),
    step("CohortWire", on: ["CohortModel"]),
    step("CohortHTTP", on: ["CohortThreads", "CPlatform"]),
    step(
      "CohortServer",
      on: [
        "CohortHTTP", "CohortWire", "CohortLedger", "CohortLog", "CohortFormat", "CohortModel",
        "CohortThreads", "CConsole",
      ],
      // Built into the program by CConsole.
      without: ["Console/Assets"]),
    step(
      "CohortSync",
      on: [
        "CohortHTTP", "CohortWire", "CohortFormat", "CohortModel", "CohortThreads", "CPlatform",
      ]),
    .executableTarget(
      name: "cohort",
      dependencies: [
        "CohortSync", "CohortServer", "CohortHTTP", "CohortLedger", "CohortLog", "CohortFormat",
        "CohortWire",
        "CohortModel", "CohortThreads", "CPlatform",
      ],
      swiftSettings: houseRules),

    tool(
      "bench", at: "Bench",
      on: [
        "CohortServer", "CohortHTTP", "CohortLedger", "CohortLog", "CohortFormat", "CohortModel",
        "CohortWire", "CohortThreads", "CPlatform",
      ],
      without: ["roaring.py"]),
    tool("bench-sync", at: "BenchSync", on: ["CohortSync", "CohortWire", "CohortModel"]),
    tool("load", at: "Load", on: ["CPlatform"]),
    tool(
      "golden", at: "Golden",
      on: ["CohortLedger", "CohortLog", "CohortFormat", "CohortModel", "TestSupport"]),
    tool(
      "purchases", at: "Purchases",
      on: [
        "CohortLedger", "CohortLog", "CohortFormat", "CohortModel", "CohortWire", "TestSupport",
      ]),

    .target(
      name: "TestSupport",
      dependencies: ["CohortLedger", "CohortLog", "CohortFormat", "CohortModel"],
      path: "Tests/TestSupport", swiftSettings: houseRules),
    tests("CohortModelTests", on: ["CohortModel", "TestSupport"]),
    tests("CohortFormatTests", on: ["CohortFormat", "CohortModel", "CPlatform", "TestSupport"]),
    tests("CohortLogTests", on: ["CohortLog", "CohortFormat", "CohortModel", "TestSupport"]),
    tests(
      "CohortLedgerTests",
      on: [
        "CohortLedger", "CohortLog", "CohortFormat", "CohortModel", "CohortThreads", "TestSupport",
      ]),
    tests(
      "Simulation",
      on: ["CohortLedger", "CohortLog", "CohortFormat", "CohortModel", "TestSupport"]),
    tests("CohortWireTests", on: ["CohortWire", "CohortModel", "TestSupport"]),
    tests("CohortThreadsTests", on: ["CohortThreads"]),
    tests("CohortHTTPTests", on: ["CohortHTTP", "CohortThreads", "CPlatform"]),
    tests(
      "CohortServerTests",
      on: [
        "CohortServer", "CohortHTTP", "CohortWire", "CohortLedger", "CohortLog", "CohortFormat",
        "CohortModel", "CohortThreads", "TestSupport",
      ]),
    tests(
      "CohortSyncTests",
      on: [
        "CohortSync", "CohortServer", "CohortWire", "CohortLedger", "CohortLog", "CohortFormat",
        "CohortModel", "CohortThreads", "TestSupport",
      ]),
    tests(
      "CohortTerminalTests",
      on: [
        "cohort", "CohortServer", "CohortLedger", "CohortLog", "CohortFormat", "CohortModel",
        "CohortWire", "CohortThreads", "TestSupport",
      ]),
    tests("Scenarios", on: ["cohort", "CohortLog", "TestSupport"], without: ["Transcripts"]),
    tests(
      "HouseTests",
      on: [
        "CohortHTTP", "CohortServer", "CohortSync", "CohortLedger", "CohortLog", "CohortFormat",
        "CohortModel", "CohortThreads", "CohortWire", "TestSupport",
      ],
      without: ["ErrorGallery.txt"]),
  ]
)
