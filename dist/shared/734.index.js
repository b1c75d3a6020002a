export const id = 734;
export const ids = [734];
export const modules = {

/***/ 1734:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Qq: () => (/* binding */ HttpClient)
/* harmony export */ });
/* unused harmony exports HttpCodes, Headers, MediaTypes */
function missing() {
  throw new Error('http-client.js is not bundled');
}
const standIn = new Proxy(missing, { get: missing });

class HttpClient {
  getAgent() {}
  getAgentDispatcher() {}
}


/***/ })

};
