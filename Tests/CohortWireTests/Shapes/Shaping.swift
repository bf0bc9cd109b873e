import CohortModel
import CohortWire

/// What a body comes to on the way to a wish.
enum Shaped {
  case request(WriteRequest)
  case refused(WireError)

  init(_ path: String, _ body: String) { self.init(path, Array(body.utf8)) }

  init(_ path: String, _ body: [UInt8]) {
    do {
      let match = try Routes.find(.post, path).get()
      self = .request(try WriteRequest(match, body: try JSONValue(body: body)))
    } catch { self = .refused(error) }
  }

  var wish: Wish? {
    if case .request(let request) = self, case .wish(let wish) = request.action {
      wish
    } else {
      nil
    }
  }

  var action: WriteRequest.Action? {
    if case .request(let request) = self { request.action } else { nil }
  }

  /// `400 text`; `nil` if it is a request.
  var fault: String? {
    if case .refused(let error) = self { "\(error.status) \(error.message)" } else { nil }
  }

  var members: [JSONText.Member] {
    if case .refused(let error) = self { error.members } else { [] }
  }
}

extension WireError {
  /// Whether the message says what is so and what to do about it.
  var hasTwoSentences: Bool {
    message.hasSuffix(".") && message.dropLast().contains(where: { ".;".contains($0) })
  }
}

func list(_ count: Int, _ item: (Int) -> String) -> String {
  "[" + (0..<count).map(item).joined(separator: ",") + "]"
}
