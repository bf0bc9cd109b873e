/// An answer, ready for a socket or a line: a status of HTTP and a body of JSON.
package struct Reply: Hashable, Sendable {
  package let status: Int
  package let body: [UInt8]
  /// The answer to an earlier request with the same idempotency key, as far as it was kept.
  package let isReplayed: Bool

  package init(status: Int, body: [UInt8], isReplayed: Bool = false) {
    self.status = status
    self.body = body
    self.isReplayed = isReplayed
  }

  /// Makes a reply whose body is one object.
  init(status: Int, isReplayed: Bool = false, _ members: (inout JSONWriter) -> Void) {
    var body: [UInt8] = []
    JSONWriter.append(to: &body) { $0.object(members) }
    self.init(status: status, body: body, isReplayed: isReplayed)
  }

  /// `{"status":201,"body":{…}}`: how a preview and `cohort import` tell what was answered.
  package var line: [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.append(to: &bytes) { json in json.object { $0.reply(self) } }
    return bytes
  }
}

extension JSONWriter {
  /// Writes status and body of an answer as members.
  package mutating func reply(_ reply: Reply) {
    member("status", reply.status)
    key("body")
    json(reply.body)
  }
}
