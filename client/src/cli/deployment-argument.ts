import { Argument, InvalidArgumentError } from 'commander';

const ID = /^dep_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A deployment by its id; what cannot be one is refused before anything is asked for. */
export const deploymentArgument = (name: '<deployment>' | '[deployment]' = '<deployment>') =>
  new Argument(name, 'id of a deployment').argParser((text) => {
    if (ID.test(text)) return text;
    throw new InvalidArgumentError('An id is dep_ and 26 characters; "slipway list" shows them.');
  });
