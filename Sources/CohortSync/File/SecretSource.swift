/// Where a key comes from; never the file of the sync itself, nor a command line.
package enum SecretSource: Hashable, Sendable {
  case environment(String)
  /// Relative to the folder of the file that names it.
  case file(String)

  /// Reads the key.
  ///
  /// Line breaks and spaces around it are no part of it.
  ///
  /// - Throws: ``SecretError``; it names the place and never what stands there.
  package func read(in folder: String, environment: [String: String]) throws(SecretError)
    -> SecretText
  {
    let bytes: [UInt8]
    switch self {
    case .environment(let name):
      guard let value = environment[name] else { throw .noVariable(name) }
      bytes = Array(value.utf8)
    case .file(let path):
      do throws(FileFailure) {
        bytes = try FileSystem.read(FileSystem.path(path, in: folder), limit: 1 << 16)
      } catch { throw .unreadable(path, error.words) }
    }
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    let key = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    guard !key.isEmpty else { throw .empty(self) }
    guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .strange(self) }
    return SecretText(Array(key))
  }
}

extension SecretSource: CustomStringConvertible {
  package var description: String {
    switch self {
    case .environment(let name): "the variable \(name)"
    case .file(let path): "the file '\(path)'"
    }
  }
}

/// Why there is no key.
package enum SecretError: Error, Hashable, Sendable {
  case noVariable(String)
  case unreadable(String, String)
  case empty(SecretSource)
  case strange(SecretSource)
}

extension SecretError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noVariable(let name):
      "The variable \(name) is not set. Set it to the key."
    case .unreadable(let path, let reason):
      "The key file '\(path)' cannot be read (\(reason)). Check its name and its rights."
    case .empty(let source): "There is nothing in \(source). Put the key there."
    case .strange(let source):
      "What stands in \(source) is no key: it holds spaces or other signs. Put only the key there."
    }
  }
}

/// Takes keys out of texts that others wrote.
package struct Redaction: Sendable {
  private let secrets: [SecretText]

  package init(_ secrets: [SecretText]) { self.secrets = secrets }

  /// The text, with `(secret)` in the place of each key.
  package func apply(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for secret in secrets where !secret.bytes.isEmpty {
      var start = 0
      while start + secret.bytes.count <= bytes.count {
        if bytes[start..<start + secret.bytes.count].elementsEqual(secret.bytes) {
          bytes.replaceSubrange(start..<start + secret.bytes.count, with: "(secret)".utf8)
          start += 8
        } else {
          start += 1
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
