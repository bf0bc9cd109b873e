import Foundation

/// The files of this repository, as the house tests read them.
enum House {
  /// Where `Package.swift` lies.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL

  struct Source: Sendable {
    /// From the root, as in `Sources/CohortModel/Text.swift`.
    let path: String
    let lines: [Substring]

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// Which module or tool the file belongs to: the second word of its path.
    var module: String { String(path.split(separator: "/").dropFirst().first ?? "") }
  }

  /// All Swift files below some folders, sorted by path.
  static func sources(under folders: String...) throws -> [Source] {
    try folders.flatMap { folder in
      try paths(under: folder).filter { $0.hasSuffix(".swift") }.map { path in
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        return Source(
          path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
    }
  }

  static func paths(under folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .map { "\(folder)/\($0)" }.sorted()
  }

  static func folders(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }
}
