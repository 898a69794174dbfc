export const playLive = async () => {};
