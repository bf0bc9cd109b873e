import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

extension Service {
  /// `GET /` and `GET /console/{path}`: a file of the console.
  ///
  /// Needs no key: the files are the same for everybody, and hold nothing of the ledger. What
  /// stands behind a `?` changes nothing.
  ///
  /// - Throws: 404 if there is no such file.
  func consoleFile(_ name: String, _ head: RequestHead) throws(Denial) -> Response {
    guard let file = ConsoleFiles.named(name), let type = file.type else {
      throw Denial(.notFound)
    }
    var headers =
      Self.consoleHeaders + [
        ("ETag", file.entityTag), ("Ledger-Position", String(ledger.now.end.rawValue)),
      ]
    if head.knows(file.entityTag) { return Response(status: 304, headers: headers) }
    headers.append(("Content-Type", type))
    return Response(status: 200, headers: headers, body: file.bytes)
  }

  /// A page may load what stands beside it, ask this server, and nothing else; no text of the
  /// ledger can become a script in it, and no other page can show it in a frame.
  private static let consoleHeaders: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    // Kept, and asked for again each time: a new release shows itself at once.
    ("Cache-Control", "no-cache"),
  ]
}

extension RequestHead {
  /// Whether `If-None-Match` names what would be sent (RFC 9110, section 13.1.2): it compares
  /// weakly.
  fileprivate func knows(_ entityTag: String) -> Bool {
    headers["if-none-match"].contains { field in
      field.split(separator: UInt8(ascii: ",")).contains { part in
        var tag = String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
        if tag.hasPrefix("W/") { tag.removeFirst(2) }
        return tag == entityTag || tag == "*"
      }
    }
  }
}
