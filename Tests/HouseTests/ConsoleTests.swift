import CohortServer
import Foundation
import Testing

@Suite struct `The console` {
  private static let folder = "Sources/CohortServer/Console/Assets"

  /// Every file of the folder, by its path in there.
  private static func files() throws -> [(name: String, bytes: [UInt8])] {
    try House.paths(under: folder).compactMap { path in
      let url = House.root.appending(path: path)
      guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        return nil
      }
      return (String(path.dropFirst(folder.count + 1)), Array(try Data(contentsOf: url)))
    }
  }

  @Test func `is in the program, byte for byte and whole`() throws {
    let files = try Self.files()
    #expect(
      ConsoleFiles.all.map(\.name).sorted() == files.map(\.name).sorted(),
      "Run Tools/Checks/console_files.sh.")
    for (name, bytes) in files {
      let built = try #require(ConsoleFiles.named(name))
      #expect(built.bytes == bytes, "\(name)")
      #expect(built.type != nil, "a file of this kind is not served: \(name)")
    }
  }

  @Test func `is made of small files, of text`() throws {
    for (name, bytes) in try Self.files() {
      #expect(bytes.count <= 100_000, "\(name)")
      #expect(bytes.count { $0 == 0x0A } <= 400, "\(name)")
      #expect(!bytes.contains(0) && !bytes.contains(0x0D), "\(name)")
      #expect(String(validating: bytes, as: UTF8.self) != nil, "\(name)")
    }
  }

  @Test func `makes no script and no markup of data, and loads nothing from elsewhere`() throws {
    let forbidden = [
      "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
      "srcdoc", "javascript:", "localStorage.clear", "XMLHttpRequest", "importScripts",
    ]
    for (name, bytes) in try Self.files() {
      let text = String(decoding: bytes, as: UTF8.self)
      for word in forbidden { #expect(!text.contains(word), "\(name): \(word)") }
      #expect(text.firstMatch(of: /(?:src|href)\s*=\s*["']?(?:https?:)?\/\//) == nil, "\(name)")
      #expect(text.firstMatch(of: /(?:import|from)\s*\(?\s*["'](?:https?:)?\/\//) == nil, "\(name)")
      #expect(text.firstMatch(of: /url\(\s*["']?(?:https?:)?\/\//) == nil, "\(name)")
      guard name.hasSuffix(".html") else { continue }
      #expect(text.firstMatch(of: /\son[a-z]+\s*=/) == nil, "\(name): a handler in the markup")
      #expect(text.firstMatch(of: /\sstyle\s*=/) == nil, "\(name): a style in the markup")
      #expect(text.firstMatch(of: /<style|<script(?![^>]*\ssrc=)/) == nil, "\(name): inline")
    }
  }
}
