import CConsole
import CohortFormat
import CohortModel

/// The files of the console, built into the program by `CConsole`: nothing is read from the disk
/// when they are asked for.
package enum ConsoleFiles {
  package struct File: Sendable {
    /// Below the folder of the console, as in `lang/en.js`.
    package let name: String
    package let bytes: [UInt8]
    /// With the character set; `nil` for a file of a kind that is not served.
    package let type: String?
    /// Strong: the digest of the bytes.
    package let entityTag: String
  }

  /// In the order of their names.
  package static let all: [File] = (0..<console_asset_count()).map { index in
    // The bytes stand in the program, and its table says how many they are.
    let bytes = unsafe [UInt8](
      UnsafeBufferPointer(
        start: console_asset_bytes(index), count: console_asset_size(index)))
    let name = unsafe String(cString: console_asset_name(index))
    return File(
      name: name, bytes: bytes, type: type(of: name),
      entityTag: "\"\(SHA256.digest(bytes.span).description.prefix(32))\"")
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// - Returns: `nil` if there is no such file.
  package static func named(_ name: String) -> File? { byName[name] }

  /// By what stands behind the last dot.
  private static func type(of name: String) -> String? {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml; charset=utf-8"
    default: nil
    }
  }
}
