import Foundation
import Testing

@Suite struct `The rooms` {
  @Test func `are those of the design, and no others`() throws {
    let found = Set(try House.folders(in: "").filter { !$0.hasPrefix(".") })
    let rooms: Set = ["Package.swift", "README.md", "Sources", "Tests", "Storage", "Tools"]
    #expect(found.subtracting(rooms).isEmpty)
    #expect(rooms.subtracting(found).isEmpty)
  }

  @Test func `have tests for every module`() throws {
    let tests = try House.folders(in: "Tests")
    for (module, _) in `The stairs`.steps where module.hasPrefix("Cohort") {
      #expect(tests.contains("\(module)Tests"))
    }
  }

  @Test func `give the same subject the same name on every step`() throws {
    let events = try House.folders(in: "Sources/CohortModel/Events").filter { $0 != "Event.swift" }
    let codec = try House.folders(in: "Sources/CohortFormat/Codec")
    #expect(Set(events).subtracting(codec).isEmpty, "how these are written stands elsewhere")
  }

  @Test func `hold no file without a suite that is called a test`() throws {
    for file in try House.sources(under: "Tests") where file.name.hasSuffix("Tests.swift") {
      #expect(file.lines.contains { $0.contains("@Test") }, "\(file.path)")
    }
  }

  @Test func `have tests whose names are sentences`() throws {
    for file in try House.sources(under: "Tests") where file.module != "HouseTests" {
      for (index, line) in file.lines.enumerated() where line.contains("@Test") {
        let rest = file.lines[index...].prefix(12).joined(separator: "\n")
        guard let function = rest.range(of: "func ") else { continue }
        #expect(rest[function.upperBound...].hasPrefix("`"), "\(file.path):\(index + 1)")
      }
    }
  }

  @Test func `hold nothing that names a machine`() throws {
    // In two parts, so that this file does not name it either.
    let words = ["/ro" + "ot/", "/wo" + "rk/", "/home/" + "user"]
    for folder in ["Sources", "Tests", "Tools", "Storage"] {
      for path in try House.paths(under: folder) where !path.hasPrefix("Storage/ledger") {
        guard let text = try? House.text(path) else { continue }  // a folder, or bytes
        for word in words { #expect(!text.contains(word), "\(path)") }
      }
    }
  }
}
