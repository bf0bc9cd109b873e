import Foundation
import Testing

/// SwiftPM stops an import that goes up.
///
/// It does not stop one that skips a step: the module is on
/// the search path all the same. And it knows nothing of who may talk to the system.
@Suite struct `The stairs` {
  /// What each module may import, from the bottom step to the top.
  static let steps: [(module: String, imports: Set<String>)] = [
    ("CPlatform", []),
    ("CConsole", []),
    ("CohortThreads", ["CPlatform", "Glibc"]),
    ("CohortModel", []),
    ("CohortFormat", ["CohortModel", "CPlatform"]),
    ("CohortLog", ["CohortFormat", "CohortModel", "CPlatform", "Glibc", "Synchronization"]),
    (
      "CohortLedger",
      [
        "CohortLog", "CohortFormat", "CohortModel", "CohortThreads", "CPlatform", "Glibc",
        "Synchronization",
      ]
    ),
    ("CohortWire", ["CohortModel"]),
    ("CohortHTTP", ["CohortThreads", "CPlatform", "Glibc", "Synchronization"]),
    (
      "CohortServer",
      [
        "CohortHTTP", "CohortWire", "CohortLedger", "CohortLog", "CohortFormat", "CohortModel",
        "CohortThreads", "CConsole", "Glibc", "Synchronization",
      ]
    ),
    (
      "CohortSync",
      [
        "CohortHTTP", "CohortWire", "CohortFormat", "CohortModel", "CohortThreads", "CPlatform",
        "Glibc", "Synchronization", "Foundation", "FoundationNetworking",
      ]
    ),
    (
      "cohort",
      [
        "CohortSync", "CohortServer", "CohortHTTP", "CohortLedger", "CohortLog", "CohortFormat",
        "CohortWire",
        "CohortModel", "CohortThreads", "CPlatform", "Glibc", "Synchronization",
        "FoundationEssentials",
      ]
    ),
  ]

  @Test(arguments: steps.map(\.module))
  func `lead down only, from`(_ module: String) throws {
    let allowed = Self.steps.first { $0.module == module }?.imports ?? []
    for file in try House.sources(under: "Sources/\(module)") {
      let strangers = Set(file.lines.compactMap(Self.imported)).subtracting(allowed)
      #expect(strangers.isEmpty, "\(file.path) imports \(strangers.sorted())")
    }
  }

  @Test func `are all the modules there are`() throws {
    #expect(try House.folders(in: "Sources") == Self.steps.map(\.module).sorted())
  }

  @Test func `are those that Package.swift builds`() throws {
    let package = try House.text("Package.swift")
    for (module, imports) in Self.steps {
      #expect(package.contains("\"\(module)\""), "Package.swift does not know \(module)")
      // step("CohortLog", on: ["CohortFormat", …]): a comma or a bracket ends the name.
      guard let line = package.range(of: "step(\"\(module)\""),
        let end = package.range(of: ")", range: line.upperBound..<package.endIndex)
      else { continue }
      let built = Set(
        package[line.upperBound..<end.lowerBound].split(separator: "\"").map(String.init)
          // Not what is left out: `without: ["Console/Assets"]`.
          .filter { $0.hasPrefix("C") && !$0.contains("/") })
      let ours = imports.filter { $0.hasPrefix("C") }
      #expect(built == ours, "\(module)")
    }
  }

  @Test func `need nothing from outside`() throws {
    let package = try House.text("Package.swift")
    #expect(!package.contains(".package("))
    #expect(!package.contains("unsafeFlags"))
  }

  /// `Foo` of `package import Foo`, `import struct Foo.Bar` and `@testable import Foo`.
  private static func imported(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
    let before = words[..<index]
    let levels: Set<Substring> = [
      "public", "package", "internal", "fileprivate", "private", "@testable", "@preconcurrency",
    ]
    guard before.allSatisfy({ levels.contains($0) }) else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "typealias"]
    let name = kinds.contains(words[index + 1]) ? words.last : words[index + 1]
    return name.flatMap { $0.split(separator: ".").first }.map(String.init)
  }

  @Test func `are seen by this test as the compiler sees them`() {
    #expect(Self.imported("import Glibc") == "Glibc")
    #expect(Self.imported("package import CohortModel") == "CohortModel")
    #expect(Self.imported("@testable import CohortModel") == "CohortModel")
    #expect(Self.imported("import struct Foundation.Data") == "Foundation")
    #expect(Self.imported("  /// An import brought them.") == nil)
    #expect(Self.imported("    // of an import that changed nothing") == nil)
  }
}
