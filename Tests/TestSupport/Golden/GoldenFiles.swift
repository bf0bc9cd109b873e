package import Foundation

/// A frozen log, with what it must give.
package struct GoldenFiles: Sendable, CustomStringConvertible {
  /// `1/every-event`.
  package let description: String
  package let path: String
  package let log: [UInt8]
  package let dump: String
  package let facts: Data

  package var name: String { String(description.split(separator: "/")[1]) }

  /// Of every version there ever was.
  package static func all() throws -> [GoldenFiles] {
    let files = FileManager.default
    let folder = repository.appending(path: "Storage/golden")
    var found: [GoldenFiles] = []
    for version in try files.contentsOfDirectory(atPath: folder.path) where Int(version) != nil {
      let names = try files.contentsOfDirectory(atPath: folder.appending(path: version).path)
      for name in names.sorted() where name.hasSuffix(".log") {
        let stem = folder.appending(path: "\(version)/\(name.dropLast(4))").path
        found.append(
          GoldenFiles(
            description: "\(version)/\(name.dropLast(4))", path: "\(stem).log",
            log: [UInt8](try Data(contentsOf: URL(filePath: "\(stem).log"))),
            dump: try String(contentsOf: URL(filePath: "\(stem).txt"), encoding: .utf8),
            facts: try Data(contentsOf: URL(filePath: "\(stem).json"))))
      }
    }
    return found.sorted { $0.description < $1.description }
  }
}

/// Where `Package.swift` lies.
package var repository: URL {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    .standardizedFileURL
}

/// A program that a test starts, and what it said on standard output.
package struct Program {
  private let url: URL

  /// One of this package's own, beside the tests in the build folder.
  package init(product: String) {
    url = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: product)
  }

  /// The first of that name on the search path; `nil` if there is none.
  package init?(named name: String) {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates = path.split(separator: ":").map { URL(filePath: "\($0)/\(name)") }
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    guard let found else { return nil }
    url = found
  }

  package var path: String { url.path }

  package func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = url
    process.arguments = arguments
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
