// Performs XML-RPC calls with the package `xmlrpc`: node node_client.js PACKAGES < {"server": {...}, "calls": [[method, [argument...]]...]}
// One line of JSON a call: {"value": ...}, {"fault": code, "text": ...} or {"error": message}.
'use strict';
const path = require('path');
const xmlrpc = require(path.join(process.argv[2], 'xmlrpc'));

let input = '';
process.stdin.on('data', (piece) => { input += piece; });
process.stdin.on('end', () => {
  const { server, calls } = JSON.parse(input);
  const client = xmlrpc.createClient(server);
  const perform = (i) => {
    if (i === calls.length) return;
    client.methodCall(calls[i][0], calls[i][1], (error, value) => {
      let answer = { value };
      if (error) answer = 'faultCode' in error ? { fault: error.faultCode, text: error.faultString } : { error: error.message };
      console.log(JSON.stringify(answer));
      perform(i + 1);
    });
  };
  perform(0);
});
