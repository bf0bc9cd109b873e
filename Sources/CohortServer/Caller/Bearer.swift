import CohortFormat
import CohortHTTP
package import CohortLedger
package import CohortModel
import CohortWire

/// Who asks, by a REST key that was good when the question began.
package struct Caller: Sendable {
  /// To be checked again: when a write is sequenced, and before each batch of a stream.
  package let author: Author
  package let key: KeyID
  package let permissions: Permissions

  /// Checks the key again.
  ///
  /// - Throws: ``Refusal`` if it was invalidated, has expired, or may no longer do this.
  package func check(in view: View) throws(Refusal) {
    _ = try view.state.check(author, at: view.clock)
  }
}

extension Service {
  /// Authenticates the bearer of a REST key, against durable state.
  ///
  /// - Throws: 401 for a key that opens nothing from where the caller is, 403 if it opens
  ///   something else.
  func caller(
    of head: RequestHead, needing permission: Permission
  ) throws(Denial) -> Caller {
    guard let digest = head.bearerDigest else { throw Denial(WireError(.invalidAPIKey)) }
    let author = Author.bearer(digest, from: address(of: head), needs: permission)
    let now = ledger.now
    do throws(Refusal) {
      let key = try now.state.check(author, at: now.clock)
      visits.note(key, in: head.number)
      return Caller(
        author: author, key: key, permissions: now.state.keys[key].issued.permissions)
    } catch {
      // Who may do something else is known by name.
      if case .accessDenied = error, let key = now.state.keys.find(digest) {
        visits.note(key, in: head.number)
      }
      throw denial(error, to: head)
    }
  }
}

extension RequestHead {
  /// SHA-256 of the key in `Authorization: Bearer …` (RFC 6750, section 2.1).
  ///
  /// - Returns: `nil` if there is none, or more than one, or what is there can be none. What could
  ///   be one costs the same work, whatever it is.
  var bearerDigest: Digest? {
    guard let value = headers.only("authorization"), value.count <= Self.authorizationSizeMax
    else { return nil }
    let scheme = Array("bearer".utf8)
    guard value.count > scheme.count,
      zip(value, scheme).allSatisfy({ ($0 | 0x20) == $1 }), value[scheme.count] == 0x20
    else { return nil }
    let token = value[scheme.count...].drop { $0 == 0x20 }
    guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    return SHA256.digest(token.span)
  }

  private static var authorizationSizeMax: Int { 1_024 }

  /// A key in a query string stands in the logs of every proxy on the way.
  ///
  /// - Throws: 401 if there is one. It is not repeated.
  func requireNoSecretInQuery() throws(Denial) {
    guard let query else { return }
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(decoding: parts[0].map { $0 | 0x20 }, as: UTF8.self)
      let value = parts.count == 2 ? parts[1] : []
      guard !Self.namesOfSecrets.contains(name), !Self.looksLikeSecret(value) else {
        throw Denial(WireError(.invalidAPIKey))
      }
    }
  }

  /// In lower case, with the low line as it becomes in lower case.
  private static let namesOfSecrets: Set<String> = Set(
    [
      "authorization", "api_key", "apikey", "api-key", "access_token", "token", "bearer",
      "secret", "client_secret", "partner_api_key",
    ].map { String(decoding: $0.utf8.map { $0 | 0x20 }, as: UTF8.self) })

  /// The word of a kind and 43 letters of base64url: what the ledger makes, and nothing else.
  private static func looksLikeSecret(_ value: ArraySlice<UInt8>) -> Bool {
    KeyKind.allCases.contains { kind in
      let prefix = kind.prefix.utf8
      return value.count == prefix.count + 43 && value.starts(with: prefix)
        && value.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
          default: false
          }
        }
    }
  }
}
