import CohortModel
import CohortWire

/// A ledger that is asked what it would answer, and told nothing.
///
///     POST /ledger/preview
///     {"path":"/partners/…/cohorts/users","body":{…}}
///     → {"as_of":{…},"status":201,"body":{…}}
struct LedgerPreview: Destination {
  let endpoint: String
  let key: SecretText
  let web: any WebClient
  let now: @Sendable () -> Instant

  static func headers(_ key: SecretText) -> [(name: String, value: String)] {
    [("Authorization", "Bearer \(String(decoding: key.bytes, as: UTF8.self))")]
  }

  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    var writer = JSONWriter()
    writer.object { json in
      json.member("path", request.path)
      json.key("body")
      json.json(request.body)
    }
    var headers = Self.headers(key)
    headers.append(("Content-Type", "application/json"))
    if request.wantsResults { headers.append(("Prefer", "return=representation")) }
    let answer = try web.send(
      WebRequest("POST", endpoint + "/ledger/preview", headers: headers, body: writer.bytes))
    let outer = DestinationAnswer(
      status: answer.status, retryAfter: RetryAfter.read(answer, now: now()), body: answer.body)
    guard answer.status == 200 else { return outer }
    guard let root = (try? JSONDocument(parsing: answer.body))?.root,
      let status = root["status"]?.unsignedInteger.flatMap({ Int(exactly: $0) }),
      let body = root["body"], body.kind == .object
    else { return outer }
    return DestinationAnswer(
      status: status, retryAfter: outer.retryAfter, body: JSONWriter.copy(of: body))
  }
}

extension JSONWriter {
  /// The text of a value, made anew.
  fileprivate static func copy(of value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(value)
    return writer.bytes
  }

  private mutating func value(_ value: JSONValue) {
    switch value.kind {
    case .null: null()
    case .true: bool(true)
    case .false: bool(false)
    case .number: json(Array(value.numberText ?? []))
    case .string: string(utf8: value.string ?? [])
    case .array: array { json in for element in value.elements { json.value(element) } }
    case .object:
      object { json in
        for (key, member) in value.members {
          json.key(String(decoding: value.bytes[key], as: UTF8.self))
          json.value(member)
        }
      }
    }
  }
}
