import CohortHTTP
import CohortWire

// What the head of a request says about its body and its answer.

extension RequestHead {
  /// - Throws: 415 for what is not read as JSON in UTF-8 (CONTRACT part 0).
  func requireJSON() throws(Denial) {
    guard headers["content-encoding"].isEmpty else {
      throw Denial(
        WireError(415, "The body has a Content-Encoding. Send it as it is, without one."))
    }
    let types = headers["content-type"]
    guard let type = types.first else { return }
    // What nearly everybody says needs no reading.
    if types.count == 1, type.elementsEqual("application/json".utf8) { return }
    guard types.count == 1, MediaType(type)?.isJSON == true else {
      throw Denial(
        WireError(
          415, "The Content-Type is not JSON in UTF-8. Send 'Content-Type: application/json'."))
    }
  }

  /// `Prefer: return=representation` (RFC 7240).
  var prefersRepresentation: Bool {
    headers["prefer"].contains { field in
      field.split(separator: UInt8(ascii: ",")).contains { preference in
        let word = preference.prefix { $0 != UInt8(ascii: ";") }.filter {
          $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: "\"")
        }
        return word.map { $0 | 0x20 }.elementsEqual("return=representation".utf8.map { $0 | 0x20 })
      }
    }
  }

  /// The `Idempotency-Key`, if there is one.
  ///
  /// - Throws: 400 unless it is 1 to 255 printable ASCII characters, once.
  func idempotencyKey() throws(Denial) -> [UInt8]? {
    let keys = headers["idempotency-key"]
    guard let key = keys.first else { return nil }
    guard keys.count == 1, (1...255).contains(key.count),
      key.allSatisfy({ (0x20...0x7E).contains($0) })
    else {
      throw Denial(
        WireError(
          400, "The Idempotency-Key is none. Send one, of 1 to 255 printable ASCII characters."))
    }
    return key
  }

  /// Whether `Accept` names a media type, by its full name.
  package func accepts(_ type: String) -> Bool {
    headers["accept"].contains { field in
      field.split(separator: UInt8(ascii: ",")).contains { range in
        MediaType(Array(range))?.name == type
      }
    }
  }
}

/// A media type with its character set (RFC 9110, section 8.3.1).
struct MediaType {
  /// In lower case.
  let name: String
  /// In lower case; `nil` if none is named.
  let charset: String?

  init?(_ field: [UInt8]) {
    let parts = field.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { part in
        String(decoding: part, as: UTF8.self).lowercased().filter { $0 != " " && $0 != "\t" }
      }
    name = parts[0]
    guard name.split(separator: "/", omittingEmptySubsequences: false).count == 2 else {
      return nil
    }
    let charsets = parts.dropFirst().filter { $0.hasPrefix("charset=") }
    guard charsets.count <= 1 else { return nil }
    charset = charsets.first.map { $0.dropFirst("charset=".count).filter { $0 != "\"" } }
  }

  var isJSON: Bool {
    name.hasPrefix("application/") && (charset == nil || charset == "utf-8" || charset == "utf8")
  }
}
