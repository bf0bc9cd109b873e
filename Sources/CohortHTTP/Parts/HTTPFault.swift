/// Why HTTP itself refuses a request.
///
/// After a fault nobody knows where the next request begins, or it is not worth knowing: the
/// connection is closed behind the answer.
package enum HTTPFault: Error, Hashable, Sendable, CaseIterable {
  case lineBreak, controlCharacter
  case requestLine, version, method, target, targetTooLong
  case fieldName, foldedField, fieldTooLong, blockTooLong, tooManyFields
  case host, contentLength, transferEncoding, twoFramings, expectation
  case chunkSize, chunkExtension, chunkEnd, trailer
  case bodyTooLarge, headTooSlow, bodyTooSlow
  case tooManyConnections, workersBusy, tooMuchAtOnce

  var status: Int {
    switch self {
    case .lineBreak, .controlCharacter, .requestLine, .target, .fieldName, .foldedField, .host,
      .contentLength, .transferEncoding, .twoFramings, .chunkSize, .chunkExtension, .chunkEnd,
      .trailer:
      400
    case .headTooSlow, .bodyTooSlow: 408
    case .bodyTooLarge: 413
    case .targetTooLong: 414
    case .expectation: 417
    case .fieldTooLong, .blockTooLong, .tooManyFields: 431
    case .method: 501
    case .tooManyConnections, .workersBusy, .tooMuchAtOnce: 503
    case .version: 505
    }
  }

  /// What is so, and what to do about it.
  package var message: String {
    switch self {
    case .lineBreak:
      "A line does not end in CR LF. Send both, and neither of them alone."
    case .controlCharacter:
      "The head holds a control character. Send visible characters only."
    case .requestLine:
      "The request line is not 'METHOD TARGET HTTP/1.1'. Send these three, one space between them."
    case .version:
      "This version of HTTP is not spoken here. Send HTTP/1.1 or HTTP/1.0."
    case .method:
      "The method is unknown. Send one of RFC 9110, in capitals; there are no tunnels here."
    case .target:
      "The target is malformed. Send a path that begins with '/', percent-encoded."
    case .targetTooLong:
      "The target is longer than 8 KiB. Send what is long in the body."
    case .fieldName:
      "A header field has no proper name. Send 'Name: value', without a space before the colon."
    case .foldedField:
      "A header field goes on in the next line. Send each field in one line."
    case .fieldTooLong:
      "A header field is longer than 8 KiB. Send less."
    case .blockTooLong:
      "The header fields are longer than 32 KiB in all. Send less."
    case .tooManyFields:
      "There are more than 100 header fields. Send fewer."
    case .host:
      "The Host field is missing, malformed or there twice. Send it once."
    case .contentLength:
      "The Content-Length is not one plain decimal number. Send it once, without sign or zeros."
    case .transferEncoding:
      "The Transfer-Encoding is not 'chunked'. Send that alone, over HTTP/1.1, or Content-Length."
    case .twoFramings:
      "There are both Content-Length and Transfer-Encoding. Send one of them."
    case .expectation:
      "The expectation cannot be met. Send 'Expect: 100-continue' or none."
    case .chunkSize:
      "The size of a chunk is not a hexadecimal number. Send 1 to 16 digits, then CR LF."
    case .chunkExtension:
      "The extensions of the chunks are too long. Send none."
    case .chunkEnd:
      "A chunk does not end where its size says. Send CR LF behind each chunk."
    case .trailer:
      "The trailer is malformed or longer than 8 KiB. Send none: it is not read."
    case .bodyTooLarge:
      "The body is larger than allowed. Send it in several requests."
    case .headTooSlow:
      "The head of the request did not come in time. Send it at once."
    case .bodyTooSlow:
      "The body of the request came too slowly. Send it without long breaks."
    case .tooManyConnections:
      "There are too many connections. Try again later, and use connections again."
    case .workersBusy:
      "The server is busy. Try again later."
    case .tooMuchAtOnce:
      "Too many large bodies are being sent at once. Try again later, or send smaller ones."
    }
  }

  /// Seconds after which it may be better.
  private var retryAfter: Int? {
    switch self {
    case .tooManyConnections, .workersBusy, .tooMuchAtOnce: 1
    default: nil
    }
  }

  /// Whether the client has broken the protocol, rather than asked for too much.
  var isProtocolError: Bool { status == 400 || status == 505 }

  /// - Note: The texts hold neither quotes nor backslashes, so that they are JSON as they are.
  var response: Response {
    var response = Response(
      status: status, headers: [("Content-Type", "application/json")],
      body: Array(#"{"message":"\#(message)"}"#.utf8), closes: self != .workersBusy)
    if let retryAfter { response.headers.append(("Retry-After", String(retryAfter))) }
    return response
  }
}
