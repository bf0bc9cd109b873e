import CohortHTTP
import CohortWire

extension Service {
  /// Finds the route of a request; HEAD is answered like GET, without its body.
  ///
  /// - Throws: 404, 405 with `Allow`, and 400 for a path that is none.
  func find(_ head: RequestHead) throws(Denial) -> RouteMatch {
    let method: Method? =
      switch head.method {
      case .get, .head: .get
      case .post: .post
      case .delete: .delete
      case .put, .patch, .options, .trace, .connect: nil
      }
    let path = head.path.span
    if let method {
      switch Routes.find(method, path) {
      case .found(let match): return match
      case .refused(let error): throw Denial(error)
      case .wrongMethod(let allowed): throw .methodNotAllowed(allowed)
      }
    }
    var allowed: [Method] = []
    for method in Method.allCases {
      switch Routes.find(method, path) {
      case .found: allowed.append(method)
      case .refused(let error): throw Denial(error)
      case .wrongMethod: break
      }
    }
    throw .methodNotAllowed(allowed)
  }
}

extension Denial {
  fileprivate static func methodNotAllowed(_ allowed: [Method]) -> Denial {
    let names = allowed.map { $0 == .get ? "GET, HEAD" : $0.rawValue }
    return Denial(.methodNotAllowed, [("Allow", names.joined(separator: ", "))])
  }
}
