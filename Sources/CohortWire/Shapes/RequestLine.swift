internal import CohortModel

/// A request in a line of a file, or in a preview: `{"path":"/users/merge","body":{…}}`.
///
/// Its method is POST.
package struct RequestLine: Sendable {
  package let match: RouteMatch
  package let body: JSONValue

  /// - Throws: ``WireError``; 404 for a path that is no write, 405 for one that only reads.
  package init(json: JSONValue) throws(WireError) {
    try json.requireBody()
    let fields = try Fields(json, known: ["path", "body"])
    let path = try fields.requiredText("path")
    match = try Routes.find(.post, path.bytes.span).get()
    guard match.kind.isWrite else { throw .notFound }
    guard let body = json["body"] else {
      guard match.kind.mayLackBody else {
        throw .missing("body", "an object, as the path takes it")
      }
      body = JSONDocument().root
      return
    }
    self.body = body
  }

  /// Reads a line.
  ///
  /// - Throws: ``WireError``; 400 with reason and byte offset if it is no strict JSON.
  package init(parsing line: consuming [UInt8]) throws(WireError) {
    try self.init(json: JSONValue(body: line))
  }
}

extension JSONValue {
  /// Reads the body of a request.
  ///
  /// - Throws: ``WireError``: 400 with reason and byte offset if it is no strict JSON, and unless
  ///   it is an object.
  package init(body: consuming [UInt8]) throws(WireError) {
    let document: JSONDocument
    do { document = try JSONDocument(parsing: body) } catch { throw WireError(error) }
    self = document.root
    try requireBody()
  }
}
